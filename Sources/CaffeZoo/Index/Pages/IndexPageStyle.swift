/// The web page's style. It asks for no fonts and no pictures; colours reach a contrast of 4.5 to 1 in both schemes.
enum IndexPageStyle {
  static let text = """

    :root {
      color-scheme: light dark;
      --ground: #f5f6f8; --card: #ffffff; --ink: #1b2330; --soft: #566073; --line: #e0e4ea; --canvas: #fafbfc;
      --accent: #0b6b62; --tint: #e1f2ef; --code: #f1f3f6; --head: #0e2b2b; --head-end: #0d5650; --head-ink: #f2f8f6; --head-soft: #b4d6cf;
      --bad: #a4262c; --bad-tint: #fbe7e8; --shadow: 0 1px 2px rgb(16 24 40 / 6%), 0 4px 16px rgb(16 24 40 / 5%);
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #0f1418; --card: #181f25; --ink: #e3e8ee; --soft: #9aa7b5; --line: #2a343d; --canvas: #dfe4ea;
        --accent: #64d0bf; --tint: #16352f; --code: #11171c; --head: #0a1f1f; --head-end: #0b3a36; --head-ink: #eaf5f2; --head-soft: #8fb8b0;
        --bad: #ff9da1; --bad-tint: #40191b; --shadow: none;
      }
    }
    * { box-sizing: border-box }
    html { -webkit-text-size-adjust: 100% }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue",
      Arial, "DejaVu Sans", sans-serif; overflow-wrap: anywhere }
    .wide { width: 100%; max-width: 1180px; margin: 0 auto; padding: 0 20px }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
    .skip { position: absolute; left: 12px; top: -60px; background: var(--card); color: var(--accent); padding: 8px 14px;
      border-radius: 8px; z-index: 3 } .skip:focus { top: 12px }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px } main:focus { outline: none }
    code { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
    a { color: var(--accent); text-underline-offset: 2px }

    header { background: linear-gradient(115deg, var(--head), var(--head-end)); color: var(--head-ink); padding: 44px 0 36px }
    .over { margin: 0; font-size: .8rem; letter-spacing: .14em; text-transform: uppercase; color: var(--head-soft) }
    h1 { margin: 4px 0 8px; font-size: clamp(1.8rem, 5vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em }
    .lead { margin: 0; max-width: 64ch; text-wrap: balance; font-size: 1.06rem; color: var(--head-soft) }
    .how { margin: 16px 0 0; color: var(--head-soft); font-size: .92rem } .how code { color: var(--head-ink) }

    .bar { position: sticky; top: 0; z-index: 2; background: var(--card); border-bottom: 1px solid var(--line) }
    .bar[hidden] { display: none }
    .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 12px; padding-top: 12px; padding-bottom: 12px }
    .find { flex: 1 1 260px }
    input[type=search], select { width: 100%; min-height: 44px; padding: 0 14px; font: inherit; color: var(--ink); background: var(--ground);
      border: 1px solid var(--line); border-radius: 10px }
    .count { margin: 0; min-width: 9ch; font-size: .9rem; color: var(--soft); font-variant-numeric: tabular-nums }

    main.wide { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 20px;
      padding-top: 28px; padding-bottom: 40px }
    .card { min-width: 0; display: flex; flex-direction: column; gap: 14px; padding: 22px; background: var(--card);
      border: 1px solid var(--line); border-radius: 16px; box-shadow: var(--shadow); scroll-margin-top: 80px }
    .card[hidden] { display: none }
    h2 { margin: 0 0 6px; font-size: 1.24rem; line-height: 1.3; letter-spacing: -.01em }
    .marks { margin: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px }
    .name { color: var(--soft); margin-right: 4px }
    .mark { padding: 1px 10px; border: 1px solid var(--line); border-radius: 99px; font-size: .8rem; color: var(--soft) }
    .task { background: var(--tint); border-color: transparent; color: var(--accent) }
    .bad { background: var(--bad-tint); border-color: transparent; color: var(--bad) }
    .about { display: grid; gap: 4px } .summary, .by { margin: 0 } .by { font-size: .92rem; color: var(--soft) }

    .net { margin: 0; background: var(--canvas); border: 1px solid var(--line); border-radius: 12px; overflow: hidden }
    .frame { position: relative }
    .frame::after { content: ""; position: absolute; inset: 0 0 0 auto; width: 44px; pointer-events: none;
      background: linear-gradient(to right, transparent, var(--canvas)) }
    .strip { overflow: auto; padding: 12px 44px 12px 12px; max-height: 84vh }
    .strip img { display: block; height: auto; max-height: 140px; max-width: none; margin: 0 auto }
    figcaption { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 6px 8px 6px 14px;
      background: var(--card); border-top: 1px solid var(--line); font-size: .82rem; color: var(--soft) }
    .zoom { position: relative; padding: 2px 10px; border: 1px solid var(--line); border-radius: 7px; color: var(--accent); cursor: pointer }
    .zoom:hover { background: var(--ground) }
    .zoom input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer }
    .zoom:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px }
    .zoom:has(:checked) { background: var(--accent); border-color: var(--accent); color: var(--card) }
    .net:has(:checked) img { max-height: none }
    .card:has(.zoom :checked) { grid-column: 1 / -1 }

    .metrics { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 0 }
    .metrics div { display: flex; flex-direction: column-reverse }
    .metrics dt { font-size: .82rem; color: var(--soft) }
    .metrics dd { margin: 0; font-size: 1.5rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums }
    .run { display: grid; gap: 6px; padding: 10px 12px; background: var(--code); border: 1px solid var(--line); border-radius: 10px }
    .line { display: flex; align-items: center; justify-content: space-between; gap: 10px }
    .line code::before { content: "$ "; color: var(--soft) }
    .copy { flex: none; padding: 3px 10px; min-height: 28px; font: inherit; font-size: .8rem; color: var(--accent); background: none;
      border: 1px solid var(--line); border-radius: 7px; cursor: pointer } .copy:hover { background: var(--card) }
    details { margin-top: auto } summary { cursor: pointer; font-size: .92rem; color: var(--soft) } summary:hover { color: var(--accent) }
    .size { margin-left: 6px; font-variant-numeric: tabular-nums }
    .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 16px; margin: 12px 0 0; font-size: .9rem }
    .facts dt { color: var(--soft) } .facts dd { margin: 0 }
    .none { grid-column: 1 / -1; text-align: center; color: var(--soft); padding: 40px 0 }
    footer.wide { padding-bottom: 40px; font-size: .88rem; color: var(--soft) }

    @media (max-width: 560px) {
      header { padding: 30px 0 26px } .wide { padding: 0 14px } .tools { padding-top: 10px; padding-bottom: 10px }
      main.wide { gap: 14px; padding-top: 16px } .card { padding: 16px; border-radius: 14px }
      .bar { position: static } .find { flex-basis: 100% } .facts { grid-template-columns: 1fr; gap: 0 } .facts dd { margin-bottom: 8px }
    }
    @media (prefers-reduced-motion: no-preference) { .card { transition: border-color .15s } .card:hover { border-color: var(--accent) } }
    @media print { .bar, .copy, .zoom { display: none } main.wide { display: block } .card { break-inside: avoid; margin-bottom: 16px } }

    """
}
