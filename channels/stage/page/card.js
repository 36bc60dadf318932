// The card of the product that is spoken of, with what is left of its offer's time.

import { h, inLanguage, safeUrl, t } from "/static/base.js";

const DAY_S = 86400;

// "02:09:41" until `ends`, an ISO time; nothing for what is over or more than a day away. Pure.
export function timeLeft(ends, now) {
  const seconds = Math.floor((Date.parse(ends) - now) / 1000);
  if (!(seconds > 0 && seconds < DAY_S)) return "";
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

export function drawCard(place, product) {
  place.hidden = !product;
  if (!product) return;
  const isNew = place.dataset.product !== product.id;
  place.dataset.product = product.id;
  place.classList.toggle("new", isNew);
  place.replaceChildren(
    safeUrl(product.picture) ? h("figure", {}, h("img", { src: product.picture, alt: "" })) : "",
    h(
      "div",
      { class: "card-words" },
      product.link ? h("span", { class: "card-link" }, t("stage.link", { n: product.link })) : "",
      h("span", { class: "card-name" }, inLanguage(product.name)),
      h(
        "span",
        { class: "card-price" },
        h("b", {}, product.price),
        product.from ? h("small", {}, t("stage.from")) : "",
        product.former ? h("s", {}, product.former) : "",
        product.to_pay ? h("small", {}, t("stage.to_pay", { price: product.to_pay })) : "",
      ),
      product.offer ? h("span", { class: "card-offer" }, inLanguage(product.offer.name), h("span", { "data-ends": product.offer.ends_at })) : "",
    ),
  );
  drawTimeLeft(place);
}

export function drawTimeLeft(place) {
  const shown = place.querySelector("[data-ends]");
  if (!shown) return;
  const left = timeLeft(shown.dataset.ends, Date.now());
  const text = left ? ` · ${t("stage.ends", { left })}` : "";
  if (shown.textContent !== text) shown.textContent = text;
}
