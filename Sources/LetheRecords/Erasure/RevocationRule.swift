/// When a certificate takes earlier versions of its line out of circulation.
public enum RevocationRule {
    /// Whether the newest certificate of a line overtakes a version: everything before it that is
    /// not itself certified for the same requests.
    ///
    /// - Parameter certified: Number and count of requests of the newest certified version; nil if
    ///   none is certified.
    public static func isOvertaken(
        number: Int, operation: String, requestCount: Int,
        by certified: (number: Int, requestCount: Int)?
    ) -> Bool {
        guard let certified, number < certified.number else { return false }
        let isCertified = operation == Operation.certify.rawValue
        return !isCertified || requestCount != certified.requestCount
    }
}
