public import Foundation
public import LetheRecords
public import LetheRegistry

extension TinyRegistry {
    /// The name of the adapter in `modelsFolder`.
    public static let adapter = "faces-adapter"
    /// A folder with a folder for each of two models: another `faces`, and an adapter.
    public var modelsFolder: URL { outside.appending(path: "models") }

    /// Fills `modelsFolder`.
    public func writeModels() throws {
        try TinyModel.write(to: modelsFolder.appending(path: Self.model), shift: 2)
        try TinyModel.writeAdapter(to: modelsFolder.appending(path: Self.adapter))
    }

    /// Publishes everything in `modelsFolder`, or another folder.
    @discardableResult
    public func publishEach(
        _ folder: URL? = nil, base: Revision? = nil, in registry: Registry
    ) async throws(LetheError) -> [PublishedModel] {
        try await registry.publishEach(
            in: folder ?? modelsFolder, base: base, engine: FakeEngine(), keys: keys(),
            now: Self.now, progress: { _ in })
    }
}

extension TinyModel {
    /// Writes `adapter_config.json` and `adapter_model.safetensors`, as PEFT does.
    public static func writeAdapter(
        to folder: URL, base: String = "somebody/else", seed: Int = 1
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = "{\"base_model_name_or_path\":\"\(base)\",\"peft_type\":\"LORA\"}\n"
        try TinyFiles.write(
            Array(configuration.utf8), to: folder.appending(path: "adapter_config.json"))
        try TinyFiles.write(
            delta(forgetting: [1], strength: 1, seed: seed),
            to: folder.appending(path: "adapter_model.safetensors"))
    }
}
