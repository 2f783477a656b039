internal import Foundation
internal import Glibc
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// Training samples that look like examples, as a table to confirm; no image leaves the machine.
enum ExampleRendering {
    static func text(_ listing: ExampleListing) -> String {
        var table = Table(["training sample", "class", "similarity"], numbers: [0, 1, 2])
        for similar in listing.samples {
            table.add(
                "\(similar.sample.index)", "\(similar.sample.label)",
                String(format: "%.4f", similar.similarity))
        }
        return table.text
    }

    static func json(_ listing: ExampleListing, confirmation: Digest) -> JSONValue {
        .object([
            "version": .string(listing.version.name), "dataset": .string(listing.dataset.name),
            "confirmation": .string(confirmation.description),
            "samples": .array(
                listing.samples.map { similar in
                    .object([
                        "index": .number(Double(similar.sample.index)),
                        "label": .number(Double(similar.sample.label)),
                        "similarity": .number(similar.similarity),
                    ])
                }),
        ])
    }

    /// Shows a list and has it confirmed, by a digest given beforehand or at the terminal.
    ///
    /// - Throws: `refused` where nobody confirms, `conflict` for the digest of another list.
    static func confirm(
        _ listing: ExampleListing, _ options: RequestOptions, output: Output
    ) throws {
        let confirmation = try listing.confirmation(as: options.kind)
        if let given = options.confirm {
            guard given == confirmation.description || given == confirmation.hex else {
                throw LetheError(
                    code: .conflict,
                    message: "The list that was confirmed is not the one that is found now.",
                    remedy: "Run the command without --confirm, look at the list again and "
                        + "confirm it.")
            }
            return
        }
        output.write(json(listing, confirmation: confirmation), text: text(listing))
        let target =
            options.kind == .classes
            ? "classes " + listing.classes.map(String.init).joined(separator: ", ")
            : "\(listing.samples.count) samples"
        if !output.asJSON, isatty(STDIN_FILENO) == 1 {
            print("\nForget these \(target)? Write yes: ", terminator: "")
            if readLine() == "yes" { return }
        }
        throw LetheError(
            code: .refused,
            message: "Nothing was forgotten: the list is not confirmed.",
            remedy: "Look at each sample; if these \(target) are meant, add --confirm "
                + "\(confirmation).")
    }
}
