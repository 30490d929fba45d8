// Every function from the keyboard.

/// Calls what `actions` names for a key; each gets the row in focus, if there is one.
export function listen(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target } = event;
    const typing = target.matches("input:not([type=range]), textarea, select");
    if (typing && event.key !== "Escape") return;
    if (target.closest("dialog") && event.key !== "Escape") return;
    if (target.matches("button, a, summary, input") && [" ", "Enter"].includes(event.key)) return;
    const action = actions[event.key] ?? (/^[1-9]$/.test(event.key) ? actions.digit : null);
    if (!action) return;
    const row = document.activeElement?.closest?.(".row");
    if (action(row?.entry ?? null, event) !== false) event.preventDefault();
  });
}
