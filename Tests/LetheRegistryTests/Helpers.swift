import Foundation
import LetheRecords
import Testing

/// Expects a `LetheError` of a code that says what to do; gives the error.
@discardableResult
func expect(
    _ code: ErrorCode, sourceLocation: SourceLocation = #_sourceLocation,
    from body: () async throws -> Void
) async -> LetheError? {
    do {
        try await body()
        Issue.record("nothing was thrown, not \(code)", sourceLocation: sourceLocation)
        return nil
    } catch let error as LetheError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        #expect(error.remedy?.isEmpty == false, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(error) is no LetheError", sourceLocation: sourceLocation)
        return nil
    }
}

/// Every ordinary file below a folder, in order.
func files(below folder: URL) -> [URL] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return paths.sorted().map { folder.appending(path: $0) }.filter {
        (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
    }
}

/// The relative paths and bytes of every ordinary file below a folder.
func contents(of folder: URL) throws -> [String: Data] {
    try Dictionary(
        uniqueKeysWithValues: files(below: folder).map {
            (String($0.path.dropFirst(folder.path.count + 1)), try Data(contentsOf: $0))
        })
}
