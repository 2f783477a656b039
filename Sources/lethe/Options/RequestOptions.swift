internal import ArgumentParser
internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// What a request names, in one of three ways.
struct RequestOptions: ParsableArguments {
    /// What a request by example images becomes.
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case `class`
        case samples
    }

    @Option(
        name: .customLong("class"), parsing: .upToNextOption,
        help: "The classes or identities to forget.")
    var classes: [Int] = []

    @Flag(help: "Each class is a request of its own; all are honoured in one run.")
    var separately = false

    @Option(
        help: ArgumentHelp(
            "A file that lists the training samples to forget, one a line.",
            discussion: "A path below the dataset's folder, train/<index> or train:<index>."),
        completion: .file())
    var samples: String?

    @Option(
        help: ArgumentHelp(
            "A folder of example images; what looks most like them is shown first.",
            discussion: """
                Nothing is forgotten before the list shown is confirmed, at the terminal or with \
                --confirm; without that the exit code is 5.
                """),
        completion: .directory)
    var images: String?

    @Option(
        help: ArgumentHelp(
            "The id of a request that the model has honoured: honour it on every other line, too.",
            discussion: """
                These are the lines that lethe trace names, the cheapest first. What remains \
                exposed stands at the end. Each line has to be certified afterwards.
                """))
    var everywhere: String?

    @Option(help: "With --images: how many training samples to find for each example.")
    var nearest = 5

    @Option(
        name: .customLong("as"),
        help: "With --images: forget the samples shown, or their whole classes.")
    var target = Target.samples

    @Option(help: "With --images: the digest of the list that was shown and is confirmed.")
    var confirm: String?

    func validate() throws {
        let ways = [!classes.isEmpty, samples != nil, images != nil, everywhere != nil]
        guard ways.count(where: { $0 }) == 1 else {
            throw ValidationError(
                "Name what to forget by --class, --samples or --images, or a request by "
                    + "--everywhere.")
        }
        guard nearest >= 1 else { throw ValidationError("--nearest must be at least 1.") }
        guard confirm == nil || images != nil else {
            throw ValidationError("--confirm belongs to --images.")
        }
        guard !separately || !classes.isEmpty else {
            throw ValidationError("--separately belongs to --class.")
        }
    }

    /// What kind of request this becomes.
    var kind: RecipeRule.Kind {
        let isByClass = images == nil ? !classes.isEmpty : target == .class
        return isByClass ? .classes : .samples
    }
}
