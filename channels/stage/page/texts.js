// What the stage's page says, in both languages, beside what all pages share.

import { TEXTS } from "/static/texts.js";

Object.assign(TEXTS.zh, {
  "stage.title": "舞台 · Streamdesk",
  "stage.ai": "AI 主播",
  "stage.host": "AI 主播的画像",
  "stage.sound": "打开声音",
  "stage.mute": "静音",
  "stage.unmute": "取消静音",
  "stage.card": "正在讲解的商品",
  "stage.asked": "{name} 问",
  "stage.asked.many": "{name} 等 {n} 人问",
  "stage.link": "{n} 号链接",
  "stage.from": "起",
  "stage.to_pay": "到手 {price}",
  "stage.ends": "还剩 {left}",
});
Object.assign(TEXTS.en, {
  "stage.title": "The stage · Streamdesk",
  "stage.ai": "AI host",
  "stage.host": "Drawing of the AI host",
  "stage.sound": "Turn the sound on",
  "stage.mute": "Mute",
  "stage.unmute": "Unmute",
  "stage.card": "The product on show",
  "stage.asked": "{name} asks",
  "stage.asked.many": "{name} asks, as {n} in all do",
  "stage.link": "Link {n}",
  "stage.from": "and up",
  "stage.to_pay": "You pay {price}",
  "stage.ends": "{left} left",
});
