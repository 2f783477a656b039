internal import ArgumentParser
internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// Which private keys.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of private keys, outside the registry.",
            discussion: "Default: $LETHE_KEYS, else ~/.config/lethe/<registry id>."),
        completion: .directory)
    var keys: String?

    func folder(registryID: String) -> URL {
        keys.map { URL(fileURLWithPath: $0) } ?? KeyFolder.usualURL(registryID: registryID)
    }

    func open(for registry: Registry) throws(LetheError) -> KeyFolder {
        let folder = folder(registryID: registry.description.id)
        try registry.useKeys(in: folder)
        return try KeyFolder(contentsOf: folder)
    }

    /// Makes keys for a registry that is about to be made; none are left if that fails.
    ///
    /// Without --keys the folder is named after the registry, whose id is known only afterwards.
    func makingKeys(
        _ make: (KeyFolder) throws(LetheError) -> Registry
    ) throws(LetheError) -> (registry: Registry, folder: URL) {
        let staging = folder(registryID: "new-\(UUID().uuidString.lowercased())")
        let keys = try KeyFolder.create(at: staging)
        let registry: Registry
        do throws(LetheError) {
            registry = try make(keys)
        } catch {
            try? FileManager.default.removeItem(at: staging)
            throw error
        }
        let folder = folder(registryID: registry.description.id)
        if folder.path != staging.path {
            do {
                try FileManager.default.moveItem(at: staging, to: folder)
            } catch {
                throw LetheError(
                    code: .io, message: "The keys cannot be put into \(folder.path).",
                    remedy: "They are in \(staging.path); move them by hand.", cause: error)
            }
        }
        return (registry, folder)
    }
}
