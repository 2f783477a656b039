internal import Foundation

extension StoreReport {
    /// The report with further findings, damage first, then by place.
    public func adding(_ more: [StoreFinding]) -> StoreReport {
        var report = self
        report.findings = (findings + more).sorted()
        return report
    }
}

extension RegistryStorage {
    /// The bytes of all objects, as the file system tells; for progress only.
    public var objectsSizeBytes: Int {
        let files = FileManager.default.enumerator(
            at: layout.objects, includingPropertiesForKeys: [.fileSizeKey])
        var total = 0
        while let url = files?.nextObject() as? URL {
            let size = try? url.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            if size?.isRegularFile == true { total += size?.fileSize ?? 0 }
        }
        return total
    }
}
