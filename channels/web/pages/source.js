// Brings the place that an answer came from into view; a fragment in the address marks its part as well.

const name = decodeURIComponent(location.hash.slice(1));
if (name) document.getElementById(name)?.classList.add("here");
(document.querySelector("mark") ?? document.querySelector(".here"))?.scrollIntoView({ block: "center" });
