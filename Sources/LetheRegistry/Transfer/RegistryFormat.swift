internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// Which registries this version of Lethe reads.
enum RegistryFormat {
    private static let prefix = "lethe.registry.v"

    /// Refuses a registry of a newer format before anything in it is touched.
    ///
    /// A registry of a newer format says in `requires` which version of Lethe reads it.
    ///
    /// - Throws: `unsupported` naming the version that it needs.
    static func refuseNewer(_ root: URL) throws(LetheError) {
        let url = RegistryLayout(root: root).description
        guard let bytes = try? StoreFiles().readFile(url),
            let value = try? StrictJSON.parse(bytes),
            let schema = value["schema"]?.stringValue, schema.hasPrefix(prefix),
            schema != RegistryDescription.schemaName
        else { return }
        let needed = value["requires"]?.stringValue.map { "Lethe \($0)" } ?? "a newer Lethe"
        throw LetheError(
            code: .unsupported,
            message: "\(root.path) has the format \(schema.prefix(40)) and needs "
                + "\(needed.prefix(40)); this is Lethe \(letheVersion), which reads "
                + "\(RegistryDescription.schemaName).",
            remedy: "Install \(needed.prefix(40)); nothing in the registry was changed.")
    }
}
