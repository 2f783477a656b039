internal import Foundation
public import LetheRecords

/// Programs of Lethe's that lie beside the running one.
///
/// What only few commands need, such as an HTTP server, is linked into an executable of its own.
public enum SiblingProgram {
    /// The path of a program, such as `lethe-server`.
    ///
    /// - Throws: `notFound` if it is not there.
    public static func path(_ name: String) throws(LetheError) -> String {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw LetheError(
                code: .notFound, message: "\(name) is not beside lethe (\(program)).",
                remedy: "Build it (swift build --product \(name)) and put it there.")
        }
        return program
    }
}
