internal import Foundation

/// Base64 with padding (RFC 4648 section 4), one spelling for each value.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }

    /// The bytes; nil for any spelling that `encode` does not give, stray bits before the padding
    /// included, so that no two texts stand for the same bytes.
    static func decode(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else {
            return nil
        }
        return [UInt8](data)
    }
}
