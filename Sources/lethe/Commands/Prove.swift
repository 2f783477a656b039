internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Prove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Tell a data subject whether an image is among what was forgotten.",
        discussion: """
            The image is compared, byte for byte, with the keyed commitments of every request that a \
            line has honoured, with the commitment key of --keys. The answer is yes or no and says \
            neither which request nor whose; the work is the same for both. An image that was \
            stored in another form is not found.
            """)

    @Option(help: "The image, as it was given to the dataset.", completion: .file())
    var image: String

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: image)) else {
            throw LetheError(
                code: .notFound, message: "\(image) cannot be read.",
                remedy: "Name a file that is there and that you may read.")
        }
        let answer = try await registry.prove(
            image: [UInt8](data), key: keyOptions.open(for: registry).commitmentKey,
            engine: ForgettingEngine(), progress: registryOptions.progress())
        registryOptions.output.write(
            .object([
                "among": .bool(answer.isAmong),
                "requests": .number(Double(answer.requestCount)),
                "compared": .number(Double(answer.comparedCount)),
            ]),
            text: Self.text(answer))
    }

    private static func text(_ answer: ImageAnswer) -> String {
        let left = answer.requestCount - answer.comparedCount
        let open =
            left == 0
            ? ""
            : "\n\(left) of \(answer.requestCount) requests could not be looked into: their samples "
                + "are not here any more, or were committed to under another key."
        return
            (answer.isAmong
            ? "The image is among the samples of an honoured request."
            : "The image is not among the samples of the honoured requests that were compared.")
            + open
    }
}
