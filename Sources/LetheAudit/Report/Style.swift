/// How the page looks: by day and by night, on paper, and with letters as large as one likes.
enum Style {
    /// The style sheet; it names no outside resource.
    static let sheet = """
        :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #c9ced6;
          --soft: #f3f5f8; --good: #1a7f4b; --bad: #b42318; --open: #8a5a00; --before: #8b93a1;
          --now: #2f6fde; --third: #a0459c; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171b;
          --line: #3a414b; --soft: #1d2228; --good: #52c58a; --bad: #ff8a7a; --open: #e0b050;
          --before: #78818f; --now: #7aa8ff; --third: #d68ad2; } }
        body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: var(--ink);
          background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { margin-top: 2.2rem;
          border-bottom: 1px solid var(--line); } h3 { margin-top: 1.6rem; }
        table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .92rem; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        code { font: .86em ui-monospace, monospace; overflow-wrap: anywhere; }
        .verdict { padding: .6rem .9rem; border-left: .4rem solid var(--good);
          background: var(--soft); } .verdict.bad { border-color: var(--bad); }
        .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
        .open { color: var(--open); } svg { max-width: 100%; height: auto; display: block;
          margin: .6rem 0; } svg text { fill: var(--ink); font: 11px system-ui, sans-serif; }
        svg .edge { stroke: var(--line); stroke-width: 2; fill: none; }
        svg .axis { stroke: var(--line); stroke-width: 1; fill: none; }
        svg .current { fill: var(--now); } svg .revoked { fill: var(--before); }
        svg .erased { fill: none; stroke: var(--before); stroke-width: 2; }
        svg .certified { stroke: var(--good); stroke-width: 3; }
        svg .before { fill: var(--before); } svg .now { fill: var(--now); }
        svg .forgotten { fill: var(--bad); } svg .curve { fill: none; stroke-width: 2; }
        svg .curve.before { stroke: var(--before); fill: none; } svg .curve.now {
          stroke: var(--now); fill: none; } svg .curve.third { stroke: var(--third); fill: none; }
        @media print { :root { --ink: #000; --paper: #fff; --soft: #f3f3f3; --line: #999; }
          body { max-width: none; padding: 0; } h2 { break-after: avoid; }
          tr, svg { break-inside: avoid; } }
        """
}
