internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry
internal import LetheVerification

struct BenchContinual: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "continual",
        abstract: "Forget several requests in sequence on a real model and print the table.",
        discussion: """
            Everything goes through a registry of its own in a temporary folder: publish, dataset \
            add, then forget and verify for each request. Labels are shuffled by the seed; the \
            first request takes the first labels, and so on; with --among these labels come \
            first, with --withheld the last ones lose their training samples. The accuracy on \
            classes without training samples has a column of its own (Acc_m).
            """)

    @Argument(help: "The model's folder.", completion: .directory)
    var model: String

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(help: "A safetensors file whose tensors replace the model's (vit-s14-cifar100).")
    var overlay: String?

    @Option(help: "The folder with config.json, where --overlay's differs from the model's.")
    var configuration: String?

    @Option(help: "How many requests.")
    var requests = 4

    @Option(help: "How many classes a request.")
    var classes = 6

    @Option(help: "The seed of the class order and of everything random.")
    var seed = 1

    @Option(
        help: "The labels that may be forgotten, with commas in between. Default: all.",
        transform: { try $0.split(separator: ",").map(label) })
    var among: [Int] = []

    @Option(help: "How many retained classes have no training samples: the last of the order.")
    var withheld = 0

    @Option(
        help: "Samples a class for a new head on the features, after the last request; 0: none.")
    var refit = 0

    @Option(help: "The recipe's name, or a recipe file.")
    var recipe = "gs-lora"

    @Option(help: "The policy's name, or a policy file.")
    var policy = "small-test-set"

    @Option(help: "The name of the figures in the JSON lines. Default: the model folder's.")
    var name: String?

    @Option(help: "A file that the JSON lines are appended to.")
    var results: String?

    @OptionGroup var placeOptions: PlaceOptions

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() async throws {
        let bench = try await ContinualBench(
            model: URL(fileURLWithPath: model), dataset: URL(fileURLWithPath: dataset),
            overlay: overlay.map { URL(fileURLWithPath: $0) },
            configuration: configuration.map { URL(fileURLWithPath: $0) },
            recipe: recipe, policy: policy, seed: seed, among: among, withheld: withheld,
            place: placeOptions.place, progress: ProgressBar.handler(quiet: quiet))
        let order = bench.classOrder
        let available = among.isEmpty ? order.count - withheld : among.count + 1
        guard requests * classes < available else {
            throw ValidationError("\(requests) × \(classes) classes are too many for the model.")
        }
        let title = name ?? URL(fileURLWithPath: model).lastPathComponent
        var table = ContinualTable()
        var forgotten: [Int] = []
        for number in 0..<requests {
            let labels = Array(order[number * classes..<(number + 1) * classes])
            let row = try await bench.request(labels)
            forgotten += labels
            table.add(row)
            print(table.lastLine)
            if let results { try row.append(to: URL(fileURLWithPath: results), name: title) }
        }
        if refit > 0 { print(try bench.headRefit(forgotten, samplesPerClass: refit)) }
        print("\n\(title): \(requests) requests of \(classes) classes\n\n\(table.text)")
    }

    private static func label(_ text: Substring) throws -> Int {
        guard let label = Int(text) else { throw ValidationError("\(text) is no label.") }
        return label
    }
}
