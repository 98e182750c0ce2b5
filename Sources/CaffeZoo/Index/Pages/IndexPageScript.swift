/// The web page's script: search, task and the address bar in step, and buttons that copy. It asks no server for anything.
enum IndexPageScript {
  static let text = """

    "use strict";
    (() => {
      const byId = (id) => document.getElementById(id);
      const cards = Array.from(document.querySelectorAll(".card"));
      const [query, task, count, none] = ["q", "task", "count", "none"].map(byId);

      const show = () => {
        const words = query.value.toLowerCase().split(/\\s+/).filter(Boolean);
        let shown = 0;
        for (const card of cards) {
          const fits = words.every((word) => card.dataset.words.includes(word)) && (!task.value || card.dataset.task === task.value);
          card.hidden = !fits;
          if (fits) shown += 1;
        }
        none.hidden = shown > 0;
        count.textContent = shown === cards.length ? `${shown} models` : `${shown} of ${cards.length} models`;
      };

      const remember = () => {
        const place = new URLSearchParams();
        if (query.value) place.set("q", query.value);
        if (task.value) place.set("task", task.value);
        const text = place.toString();
        try { history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash); } catch { /* a copy on disk */ }
      };

      const recall = () => {
        const place = new URLSearchParams(location.search);
        query.value = place.get("q") || "";
        const wanted = place.get("task") || "";
        task.value = Array.from(task.options).some((option) => option.value === wanted) ? wanted : "";
        show();
      };

      for (const [element, event] of [[query, "input"], [task, "change"]]) {
        element.addEventListener(event, () => { show(); remember(); });
      }
      document.addEventListener("keydown", (event) => {
        const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName || "");
        if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); query.focus(); }
      });

      if (navigator.clipboard) {
        for (const button of document.querySelectorAll(".copy")) {
          const command = button.previousElementSibling.textContent;
          button.hidden = false;
          button.setAttribute("aria-label", "Copy: " + command);
          button.addEventListener("click", () => navigator.clipboard.writeText(command).then(() => {
            button.textContent = "Copied";
            setTimeout(() => { button.textContent = "Copy"; }, 1500);
          }));
        }
      }

      byId("bar").hidden = false;
      recall();
      window.addEventListener("popstate", recall);
    })();

    """
}
