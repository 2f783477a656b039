public import ArgumentParser
public import Foundation
public import LetheRecords
public import LetheRegistry

/// Which registry, and how to answer.
public struct RegistryOptions: ParsableArguments {
    /// The folder that was named, if one was.
    @Option(
        help: "The registry's folder. Default: $LETHE_REGISTRY, else the current folder.",
        completion: .directory)
    public var registry: String?

    /// Whether the answer is JSON.
    @Flag(
        help: ArgumentHelp(
            "Answer with one JSON document on standard output.",
            discussion:
                "Steps of a run, and an error, are one JSON object a line on standard error."
        ))
    public var json = false

    /// Whether progress is left out.
    @Flag(help: "Show no progress.")
    public var quiet = false

    /// Nothing was named.
    public init() {}

    /// The registry's folder.
    public var url: URL {
        let environment = ProcessInfo.processInfo.environment["LETHE_REGISTRY"]
        return URL(fileURLWithPath: registry ?? environment ?? ".")
    }

    /// Opens it.
    ///
    /// - Throws: What `Registry` throws: `notFound`, `newerFormat` and others.
    public func open() throws(LetheError) -> Registry { try Registry(opening: url) }

    /// Where answers go.
    public var output: Output { Output(asJSON: json) }
}
