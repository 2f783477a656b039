public import Foundation
public import LetheRecords
internal import LetheStorage

/// Forms that other programs read a version in.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// An OCI image layout with ModelPack's media types: a folder.
    case imageLayout = "oci"
    /// A machine-learning bill of materials of CycloneDX: a file.
    case billOfMaterials = "cyclonedx"
}

extension Registry {
    /// Writes a version in another form, every byte verified.
    ///
    /// What is given out is what `pull` gives out: the newest certified version if none is named.
    ///
    /// - Throws: `refused` for a version that is not certified (unless allowed) or that is revoked,
    ///   naming its certified successor; `alreadyExists`; `integrity`, `diskFull`, `io`. Nothing is
    ///   left then.
    public func export(
        _ revision: Revision, to url: URL, as format: ExportFormat, allowingUncertified: Bool,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> Version {
        let version = try released(revision, allowingUncertified: allowingUncertified)
        let release = try release(version)
        switch format {
        case .imageLayout: try writeLayout(release, to: url, progress: progress)
        case .billOfMaterials: try writeBill(release, to: url)
        }
        return version
    }

    private func writeLayout(
        _ release: Release, to url: URL, progress: ProgressHandler
    ) throws(LetheError) {
        let layout = ImageLayout(
            release: release, architecture: try architecture(of: release.version))
        let lease = storage.objects.leaseForReading(release.files.compactMap(\.stored))
        defer { withExtendedLifetime(lease) {} }
        let partial = try Self.partialFolder(for: url)
        let total = release.files.reduce(0) { $0 + $1.sizeBytes }
        var done = 0
        do throws(LetheError) {
            let folder = TargetFolder(partial)
            try layout.write(to: folder) { (file, path) throws(LetheError) in
                try lostIsDamage(release.version, file.path) { () throws(LetheError) in
                    if let stored = file.stored {
                        try folder.write(stored, from: storage.objects, to: path)
                    } else {
                        try folder.write(certificate(of: release.version), to: path)
                    }
                }
                done += file.sizeBytes
                progress(Progress(phase: "writing files (bytes)", done: done, total: total))
            }
            try Self.rename(partial, to: url)
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private func writeBill(_ release: Release, to url: URL) throws(LetheError) {
        let version = release.version
        let parent = try version.parent.map { (id) throws(LetheError) in try self.version(at: id) }
        let bill = BillOfMaterials(
            release: release, parent: parent, requests: try requests(of: version),
            architecture: try architecture(of: version))
        guard !FileManager.default.fileExists(atPath: url.path) else {
            throw LetheError(
                code: .alreadyExists, message: "\(url.path) exists.", remedy: "Name a new file.")
        }
        try TargetFolder(url.deletingLastPathComponent()).write(
            Array((PrettyJSON.text(bill.document) + "\n").utf8),
            to: TreePath(url.lastPathComponent))
    }

    /// What the version's configuration calls its architecture.
    private func architecture(of version: Version) throws(LetheError) -> String? {
        let file = version.manifest.files.first { $0.path == VersionTree.configurationName }
        guard let file else { return nil }
        let bytes = try storage.objects.read(
            file.stored, limitBytes: VersionTree.configurationLimitBytes)
        return try StrictJSON.parse(bytes)["architectures"]?.arrayValue?.first?.stringValue
    }
}
