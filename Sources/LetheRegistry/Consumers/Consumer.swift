public import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// A consumer of models: what it calls itself, and the key that signs its receipts.
public struct Consumer: Sendable {
    /// What it calls itself.
    public let name: String
    let key: SigningKey

    /// Takes the key in a file, and makes it if there is none.
    ///
    /// - Throws: `invalidArgument` for a name that is no file name; `io`.
    public init(name: String, keyFile: URL) throws(LetheError) {
        self.name = try ReferenceName.validate(name, of: "consumer")
        if !FileManager.default.fileExists(atPath: keyFile.path) {
            try StoreFiles().makeFolders(keyFile.deletingLastPathComponent())
            try SigningKey().write(to: keyFile)
        }
        key = try SigningKey(contentsOf: keyFile)
    }

    /// The bytes of an envelope with a receipt.
    func sign(_ receipt: PruneReceipt) throws(LetheError) -> [UInt8] {
        try Envelope(
            signing: receipt.canonicalBytes(), payloadType: PruneReceipt.payloadType, with: key
        ).fileBytes()
    }
}
