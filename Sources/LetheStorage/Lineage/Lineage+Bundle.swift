public import Foundation
public import LetheRecords

extension Lineage {
    /// Takes every branch and dataset of a git bundle into an empty lineage.
    ///
    /// libgit2 does not read bundles, so git itself does; a bundle is data, nothing in it is run.
    ///
    /// - Throws: `unsupported` if there is no git on this machine, `malformed` for a bad bundle.
    public func fetch(bundle: URL) throws(LetheError) {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "--git-dir", url.path, "fetch", "--quiet", bundle.path,
            "refs/heads/*:refs/heads/*", "refs/datasets/*:refs/datasets/*",
            "refs/erasures/*:refs/erasures/*", "refs/receipts/*:refs/receipts/*",
            "refs/requests/*:refs/requests/*",
        ]
        let errors = Pipe()
        git.standardError = errors
        git.standardOutput = FileHandle.nullDevice
        do {
            try git.run()
        } catch {
            throw LetheError(
                code: .unsupported, message: "git could not be started.",
                remedy: "Install git.", cause: error)
        }
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        git.waitUntilExit()
        guard git.terminationStatus == 0 else {
            throw LetheError(
                code: .malformed,
                message: "git does not take the bundle \(bundle.path): \(text.prefix(400))",
                remedy: "Make the bundle again, or fetch it again.")
        }
    }
}
