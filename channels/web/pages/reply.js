// What a reply shows beneath its words: where it comes from, products, choices, a picture; and the sheet with the source.

import { h, icon, safeUrl, t } from "/static/base.js";

const sheet = () => document.getElementById("source");

// The parts of `reply` that follow its text. `choose(text, title)` is called when a choice is pressed.
export function extras(reply, choose) {
  const parts = [];
  if (safeUrl(reply.image)) parts.push(h("img", { class: "reply-image", src: reply.image, alt: t("image.reply") }));
  if (reply.cards) parts.push(h("div", { class: "cards", tabindex: "0" }, ...reply.cards.map((card) => product(card, choose))));
  if (reply.citations) parts.push(h("div", { class: "proofs" }, ...reply.citations.map(proof)));
  if (reply.buttons) parts.push(h("div", { class: "choices" }, ...reply.buttons.map((button) => choice(button, choose))));
  return parts;
}

function choice(button, choose, className = "choice") {
  const url = safeUrl(button.url);
  if (url) return h("a", { class: className, href: url, target: "_blank", rel: "noopener" }, button.title);
  return h("button", { class: className, type: "button", onclick: () => choose(button.payload, button.title) }, button.title);
}

function product(card, choose) {
  const picture = safeUrl(card.image);
  return h(
    "article",
    { class: "product" },
    h("figure", {}, picture ? lookedAt(card, h("img", { src: picture, alt: "", loading: "lazy" })) : ""),
    h(
      "div",
      { class: "product-words" },
      h("span", { class: "product-title" }, card.title),
      card.subtitle ? h("span", { class: "product-sub" }, card.subtitle) : "",
      card.reason ? h("span", { class: "product-why" }, card.reason) : "",
      card.price ? h("span", { class: "product-price" }, card.price) : "",
      card.buttons
        ? h("div", { class: "product-acts" }, ...card.buttons.map((button) => choice(button, choose)))
        : "",
    ),
  );
}

// The picture leads to the product's page, where it can be turned and measured.
function lookedAt(card, picture) {
  if (!card.product_id) return picture;
  const href = `/product/${encodeURIComponent(card.product_id)}`;
  return h("a", { href, target: "_blank", rel: "noopener", "aria-label": t("product.look", { name: card.title }) }, picture);
}

function proof(citation) {
  const place = [citation.title, citation.location].filter(Boolean).join(" › ");
  const words = h("span", {}, citation.superseded ? t("source.older", { place }) : place);
  const url = safeUrl(citation.url);
  if (url?.startsWith("/sources/")) {
    return h("button", { class: "proof", type: "button", onclick: () => openSource(citation) }, icon("doc"), words);
  }
  if (url) return h("a", { class: "proof", href: url, target: "_blank", rel: "noopener" }, icon("doc"), words);
  return h("span", { class: "proof", title: citation.quote }, icon("doc"), words);
}

async function openSource(citation) {
  const address = new URL(citation.url, location.href);
  if (address.hash) address.searchParams.set("at", decodeURIComponent(address.hash.slice(1)));
  if (citation.quote) address.searchParams.set("quote", citation.quote);
  const dialog = sheet();
  const body = dialog.querySelector(".sheet-body");
  dialog.querySelector("h2").textContent = citation.title;
  dialog.querySelector("[data-open]").href = address.pathname + address.search;
  body.replaceChildren();
  if (!dialog.open) dialog.showModal();
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    body.replaceChildren(page.querySelector("main"));
    (body.querySelector("mark") ?? body.querySelector(".here"))?.scrollIntoView({ block: "center" });
  } catch {
    body.replaceChildren(h("p", {}, t("source.failed")));
  }
}
