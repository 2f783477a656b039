public import Foundation
public import LetheRecords

/// Reading and writing weights in the safetensors format.
///
/// Format: <https://github.com/huggingface/safetensors>. No code is ever run from a file.
public enum Safetensors {
    /// Opens a file and checks its header.
    ///
    /// - Throws: `malformed` for everything that the format forbids, with the reason.
    public static func open(_ url: URL) throws(LetheError) -> SafetensorsFile {
        try SafetensorsFile(path: url.path(percentEncoded: false))
    }

    /// Writes tensors so that equal tensors, names and metadata always give equal bytes.
    ///
    /// Types are kept; the order in the file is that of the Python library, whatever the order
    /// given. The file takes its name only once it is whole and on the disk.
    public static func write(
        _ tensors: [(String, Tensor)], metadata: [String: String] = [:], to url: URL
    ) throws(LetheError) {
        let entries = try SafetensorsHeader.layOut(
            tensors.map { (name: $0.0, elementType: $0.1.type.rawValue, shape: $0.1.shape) })
        let byName = Dictionary(tensors) { first, _ in first }
        let file = try NewFile(path: url.path(percentEncoded: false))
        try file.write(SafetensorsHeader.encode(entries, metadata: metadata))
        for entry in entries {
            guard let tensor = byName[entry.name] else { continue }
            try file.write(try tensor.bytes())
        }
        try file.finish()
    }
}
