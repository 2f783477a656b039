/// How every page looks: by day and by night, on a phone, on paper, and with large letters.
///
/// It names no outside resource, and no colour says anything that words do not.
public enum Style {
    /// The style sheet of the server's pages and of the auditor's report.
    public static let sheet = [colours, text, frame, tables, parts, pictures, small, paper]
        .joined(separator: "\n")

    private static let colours = """
        :root { color-scheme: light dark; --ink: #1d2125; --quiet: #5a616b; --paper: #fcfbf8;
          --raised: #ffffff; --soft: #f3f0e9; --line: #e0dad0; --firm: #85807a; --link: #1f4e8c;
          --good: #17663f; --bad: #a3271c; --open: #745000; --before: #8b919b; --now: #2c66c8;
          --third: #96418f; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e9e6e0; --quiet: #a9aeb6;
          --paper: #14171a; --raised: #1a1e22; --soft: #1f2429; --line: #333a42; --firm: #7d8590;
          --link: #9dc4ff; --good: #74d3a4; --bad: #ff9b8d; --open: #e6bd68; --before: #828a95;
          --now: #7aa9ff; --third: #dc96d6; } }
        """

    private static let text = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; color: var(--ink); background: var(--paper);
          font: 1rem/1.6 Inter, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
          overflow-wrap: break-word; }
        h1, h2, h3 { font-weight: 600; line-height: 1.25; letter-spacing: -.015em; }
        h1 { font-size: 2.1rem; margin: 0 0 .4rem; } h1 .state { letter-spacing: 0;
          font-weight: 400; vertical-align: middle; margin-left: .4rem; }
        h2 { font-size: 1.3rem; margin: 3rem 0 .6rem; }
        h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
        p, ul, ol, dl { margin: .6rem 0; } p, li { max-width: 44rem; }
        a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em; }
        a:hover { text-decoration-thickness: 2px; }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 2px; }
        code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono",
          monospace; font-size: .86em; } code { overflow-wrap: anywhere; }
        pre { margin: .6rem 0; padding: .9rem 1.1rem; background: var(--soft); border-radius: 6px;
          line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
        .quiet { color: var(--quiet); } .lead { font-size: 1.1rem; color: var(--quiet); }
        """

    private static let frame = """
        .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem;
          padding: .5rem 1rem; background: var(--raised); z-index: 1; }
        body > header, body > main, body > footer { max-width: 66rem; margin: 0 auto;
          padding: 0 1.5rem; }
        body > main { padding-top: 2.6rem; padding-bottom: 3.5rem; }
        body > header nav { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.5rem;
          padding: 1.1rem 0; border-bottom: 1px solid var(--line); }
        .mark { font: 600 1.5rem/1.2 "Iowan Old Style", "Palatino Linotype", Georgia,
          "Liberation Serif", serif; text-decoration: none; color: var(--ink); }
        nav a[aria-current] { color: var(--ink); text-decoration: none; font-weight: 600; }
        nav form { display: flex; gap: .4rem; } nav form[role=search] { margin-left: auto; }
        body > footer { padding-bottom: 2.5rem; color: var(--quiet); font-size: .9rem; }
        body > footer::before { content: ""; display: block; border-top: 1px solid var(--line);
          padding-top: 1.2rem; } body > footer p { max-width: none; }
        body > footer nav { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; }
        .trail { font-size: .92rem; margin: 0 0 1rem; } .trail ol { display: flex; flex-wrap: wrap;
          gap: .2rem .5rem; list-style: none; padding: 0; margin: 0; }
        .trail li + li::before { content: "/"; color: var(--quiet); margin-right: .5rem; }
        input { font: inherit; color: var(--ink); background: var(--raised); padding: .4rem .7rem;
          border: 1px solid var(--firm); border-radius: 6px; min-width: 0; }
        input:placeholder-shown { text-overflow: ellipsis; }
        button { font: inherit; padding: .4rem 1rem; border-radius: 6px; cursor: pointer;
          border: 1px solid var(--firm); color: var(--ink); background: var(--soft); }
        form.card input { width: 100%; margin: .3rem 0 1rem; display: block; }
        """

    private static let tables = """
        .scroll { overflow-x: auto; margin: .8rem 0 1.4rem; }
        table { border-collapse: collapse; width: 100%; font-size: .94rem; }
        caption { text-align: left; padding: .2rem 0 .5rem; color: var(--quiet);
          font-size: .92rem; }
        th, td { text-align: left; padding: .5rem 1.2rem .5rem 0; vertical-align: top;
          border-bottom: 1px solid var(--line); }
        thead th { font-weight: 600; font-size: .84rem; color: var(--quiet);
          border-bottom: 1px solid var(--firm); white-space: nowrap; }
        th[scope=row] { font-weight: 500; white-space: nowrap; }
        th[scope=row].long { white-space: normal; } td:last-child, th:last-child { padding-right: 0; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums;
          white-space: nowrap; }
        td time, .moment { white-space: nowrap; }
        td.long { min-width: 11rem; overflow-wrap: anywhere; }
        dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr;
          gap: .35rem 1.6rem; margin: 1.2rem 0; } dl.facts dt { color: var(--quiet); }
        dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
        """

    private static let parts = """
        .state { display: inline-block; font-size: .8rem; line-height: 1.5; padding: 0 .6rem;
          border: 1px solid currentColor; border-radius: 1rem; white-space: nowrap; }
        .state.certified, .good { color: var(--good); } .bad { color: var(--bad);
          font-weight: 600; } .state.revoked, .state.erased, .state.overdue { color: var(--bad); }
        .state.candidate, .state.waiting, .open { color: var(--open); }
        .verdict { padding: .8rem 1.1rem; border-left: .3rem solid var(--good); margin: 1.2rem 0;
          background: var(--soft); border-radius: 0 6px 6px 0; max-width: 46rem; }
        .verdict p { margin: .2rem 0; } .verdict.bad { border-color: var(--bad);
          font-weight: 400; color: inherit; } .verdict.open { border-color: var(--open);
          color: inherit; }
        .card { background: var(--raised); border: 1px solid var(--line); border-radius: 8px;
          padding: 1.4rem 1.6rem; margin: 1.2rem 0; max-width: 46rem; }
        .card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
        .steps { list-style: none; padding: 0; margin: 1.2rem 0; }
        .steps li { position: relative; padding: 0 0 1.3rem 1.8rem; margin-left: .4rem;
          border-left: 2px solid var(--line); } .steps li:last-child { padding-bottom: 0; }
        .steps li::before { content: ""; position: absolute; left: -.45rem; top: .4rem;
          width: .8rem; height: .8rem; border-radius: 50%; background: var(--now); }
        .steps p { margin: .1rem 0; } .steps .quiet { font-size: .86rem; } .actions { display: flex; flex-wrap: wrap;
          gap: .4rem 1.6rem; padding: 0; list-style: none; }
        .beside { display: grid; grid-template-columns: 21rem minmax(0, 1fr); gap: 1rem 3rem;
          align-items: start; }
        .beside.graph { grid-template-columns: 18.75rem minmax(0, 1fr); column-gap: 2rem; }
        figure { margin: .6rem 0 1.2rem; }
        figcaption { color: var(--quiet); font-size: .92rem; margin-top: .4rem; }
        summary { cursor: pointer; color: var(--link); }
        """

    private static let pictures = """
        svg { max-width: 100%; height: auto; display: block; margin: .6rem 0; }
        svg text { fill: var(--ink); font: 12px Inter, "Liberation Sans", sans-serif; }
        svg text.faint { fill: var(--quiet); } svg a text { fill: var(--link);
          text-decoration: underline; } svg .edge { stroke: var(--firm); stroke-width: 2;
          fill: none; } svg .edge.dashed { stroke-dasharray: 4 4; }
        svg .axis { stroke: var(--line); stroke-width: 1; fill: none; }
        svg .limit { stroke: var(--ink); stroke-width: 2; }
        svg .node { fill: var(--paper); stroke: var(--now); stroke-width: 2.5; }
        svg .node.certified { fill: var(--good); stroke: var(--good); }
        svg .node.revoked { fill: var(--before); stroke: var(--before); }
        svg .node.erased { fill: var(--paper); stroke: var(--before); stroke-dasharray: 3 2; }
        svg .bar { fill: var(--now); } svg .bar.failed { fill: var(--bad); }
        svg .track { fill: var(--soft); }
        svg .before { fill: var(--before); } svg .now { fill: var(--now); }
        svg .forgotten { fill: var(--bad); } svg .curve { fill: none; stroke-width: 2; }
        svg .curve.before { stroke: var(--before); fill: none; } svg .curve.now {
          stroke: var(--now); fill: none; } svg .curve.third { stroke: var(--third); fill: none; }
        """

    private static let small = """
        @media (max-width: 46rem) { body > header, body > main, body > footer { padding-left: 1rem;
            padding-right: 1rem; } body > main { padding-top: 1.6rem; }
          h1 { font-size: 1.75rem; } h2 { margin-top: 2.2rem; }
          body > header nav { gap: .4rem 1rem; }
          nav form[role=search] { margin-left: 0; flex: 1 1 11rem; }
          nav form input { flex: 1; width: 4rem; }
          .beside.graph, .beside { grid-template-columns: minmax(0, 1fr); }
          dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
          dl.facts dt { margin-top: .6rem; font-size: .9rem; } }
        """

    // Its colours are the day's: the words beside a picture call them by their names.
    private static let paper = """
        @media print { :root { --ink: #000; --quiet: #333; --paper: #fff; --raised: #fff;
            --soft: #fff; --line: #999; --firm: #555; --link: #000; --good: #17663f;
            --bad: #a3271c; --open: #745000; --before: #8b919b; --now: #2c66c8; --third: #96418f;
            color-scheme: light; }
          body { font-size: 10.5pt; } body > header, .skip, .screen { display: none; }
          body > main, body > footer { max-width: none; padding: 0; }
          .beside.graph, .beside { grid-template-columns: minmax(0, 1fr); }
          h1 { font-size: 20pt; } h2 { margin-top: 1.4rem; break-after: avoid; }
          .scroll { overflow: visible; } tr, svg, li, .verdict, dl { break-inside: avoid; }
          a { text-decoration: none; } .card, pre { border: 1px solid #999; } }
        """
}
