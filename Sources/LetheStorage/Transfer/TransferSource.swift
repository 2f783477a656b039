internal import Foundation

/// Where a transfer takes lines from: a registry on this machine, or the texts and the lineage of
/// another one with a way to its objects.
public struct TransferSource {
    /// Its lines.
    public let lineage: Lineage
    /// Its objects.
    public let objects: any ObjectSource
    /// Where its small files are: its own, or a copy of what it shows.
    public let layout: RegistryLayout
    /// What messages call it.
    public let name: String

    /// A registry on this machine.
    public init(_ storage: RegistryStorage) {
        self.init(storage, objects: storage.objects, name: storage.layout.root.path)
    }

    /// A registry whose objects are elsewhere than its lineage and its small files.
    public init(_ storage: RegistryStorage, objects: any ObjectSource, name: String) {
        lineage = storage.lineage
        layout = storage.layout
        self.objects = objects
        self.name = name
    }
}
