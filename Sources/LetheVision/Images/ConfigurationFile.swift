import Foundation
import LetheRecords

/// Small JSON files of a model repository.
enum ConfigurationFile {
    /// The largest file that is read, in bytes; a configuration with 21,000 labels has 2 MB.
    static let maximumSizeBytes = 16 << 20

    static func read(_ url: URL) throws(LetheError) -> JSONValue {
        let bytes = try FileReading.whole(url, maximumSizeBytes: maximumSizeBytes)
        do throws(LetheError) {
            return try StrictJSON.parse(bytes)
        } catch {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent): \(error.message)",
                remedy: "Restore the file from its source.")
        }
    }

    /// Writes indented JSON with sorted members, as transformers does.
    static func write(_ json: JSONValue, to url: URL) throws(LetheError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try (encoder.encode(json) + Data([0x0A])).write(to: url)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.lastPathComponent) could not be written.",
                remedy: "Check that the folder exists and may be written to.", cause: error)
        }
    }

    static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "config.json is not valid: \(reason).",
            remedy: "Restore the file that came with the model.")
    }

    static func unsupported(_ what: String, remedy: String) -> LetheError {
        LetheError(code: .unsupported, message: "\(what) is not supported.", remedy: remedy)
    }
}
