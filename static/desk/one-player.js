// One player for a whole transcript: the time beside a line plays it, and the next line follows by itself.

const player = document.querySelector("[data-player]");
const links = [...document.querySelectorAll("[data-hear]")];
if (player && links.length > 0) {
  const audio = player.querySelector("audio");
  const line = player.querySelector("[data-player-line]");
  let place = -1;

  function hear(index) {
    links[place]?.closest("li").removeAttribute("aria-current");
    place = index;
    const link = links[index];
    link.closest("li").setAttribute("aria-current", "true");
    line.textContent = link.getAttribute("aria-label");
    player.hidden = false;
    audio.src = link.href;
    audio.play().catch(() => {}); // if it cannot be played, the player itself says so
  }

  for (const [index, link] of links.entries()) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (index === place && !audio.paused) audio.pause();
      else if (index === place && !audio.ended) audio.play();
      else hear(index);
    });
  }
  audio.addEventListener("ended", () => place + 1 < links.length && hear(place + 1));
}
