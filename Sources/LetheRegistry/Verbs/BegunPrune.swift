internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// A removal that has begun: its signed receipts, in a file of the folder until it is done.
///
/// Only the consumer's own key makes a file count, so a folder from elsewhere cannot have anything
/// removed or signed for.
struct BegunPrune {
    private static let name = ".lethe-prune.json"

    let folder: URL
    /// The receipts' envelopes, one for each model.
    let receipts: [[UInt8]]
    /// What they say.
    let records: [PruneReceipt]

    var url: URL { folder.appending(path: Self.name) }

    init(_ receipts: [[UInt8]], in folder: URL) throws(LetheError) {
        self.folder = folder
        self.receipts = receipts
        records = try receipts.mapping { (bytes) throws(LetheError) in
            try PruneReceipt.read(canonical: Envelope(fileBytes: bytes).payload)
        }
    }

    /// What this consumer began here for this registry; nil if there is nothing to finish.
    ///
    /// - Throws: `io`.
    static func found(
        in folder: URL, by consumer: Consumer, registry: String
    ) throws(LetheError) -> BegunPrune? {
        let url = folder.appending(path: name)
        let files = StoreFiles()
        guard files.sizeBytes(of: url) != nil else { return nil }
        let bytes = try files.readFile(url, limitBytes: 64 << 20)
        let receipts = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        let key = try consumer.key.verifyingKey
        for receipt in receipts {
            let envelope = try? Envelope(fileBytes: receipt)
            guard let envelope, envelope.payloadType == PruneReceipt.payloadType,
                envelope.isSigned(by: key)
            else { return nil }
        }
        let begun = try BegunPrune(receipts, in: folder)
        return begun.records.allSatisfy { $0.registry == registry } ? begun : nil
    }

    /// Writes the file before anything is removed: one envelope in each line.
    func write(_ files: StoreFiles) throws(LetheError) {
        try files.replaceFile(url, with: Array(receipts.joined(separator: Array("\n".utf8))))
    }
}
