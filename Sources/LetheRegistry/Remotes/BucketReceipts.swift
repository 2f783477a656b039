internal import LetheRecords
internal import LetheStorage

/// A receipt about a bucket, and not about the registry that signs it, says so where it says what
/// was looked through.
extension DeletionReceipt {
    static var bucketScheme: String { "s3://" }

    /// Whether it is about any bucket.
    var isAboutBucket: Bool { placesChecked.contains { $0.hasPrefix(Self.bucketScheme) } }

    /// Whether it is about this bucket.
    func isAbout(bucket text: String) -> Bool {
        placesChecked.contains { $0.hasPrefix("\(text): ") }
    }

    /// The sentence that makes it one about a bucket.
    static func place(_ text: String) -> String {
        "\(text): every object with a tombstone was looked for by its name."
    }
}
