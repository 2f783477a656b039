import Glibc
import LetheRecords
import Testing

@testable import LetheStorage

@Suite("What the operating system says")
struct SystemErrorTests {
    @Test(
        "An error number becomes a code, a sentence with the path, and a remedy",
        arguments: [
            (ENOSPC, ErrorCode.diskFull), (EDQUOT, .diskFull), (EROFS, .io), (EACCES, .io),
            (EPERM, .io), (ELOOP, .refused), (EMFILE, .io), (EIO, .io), (EEXIST, .alreadyExists),
        ])
    func mapping(number: CInt, code: ErrorCode) {
        let error = SystemError.error(number, doing: "write", path: "/registry/objects/a")
        #expect(error.code == code)
        #expect(error.message.contains("/registry/objects/a"))
        #expect(error.remedy != nil)
    }

    @Test("A missing file is not found, and an unknown number keeps the system's words")
    func others() {
        #expect(SystemError.error(ENOENT, doing: "read", path: "x").code == .notFound)
        let unknown = SystemError.error(EPIPE, doing: "write", path: "x")
        #expect(unknown.code == .io)
        #expect(unknown.message.contains("Broken pipe"))
    }

    @Test(
        "libgit2's words become the same codes",
        arguments: [
            (CInt(-1), "could not write: No space left on device", ErrorCode.diskFull),
            (-1, "failed to create: Read-only file system", .io),
            (-1, "failed to open: Permission denied", .io),
            (-3, "object not found", .notFound),
            (-14, "failed to lock file", .conflict),
            (-33, "object hash mismatch", .integrity),
            (-1, "something else", .io),
        ])
    func git(number: CInt, text: String, code: ErrorCode) {
        let error = GitError.error(number, text: text, doing: "write a commit")
        #expect(error.code == code)
        #expect(error.message.contains(text))
    }

    @Test("libgit2 failing to read an object is damage")
    func gitDamage() {
        let error = GitError.error(-1, text: "bad zlib", isDamage: true, doing: "read")
        #expect(error.code == .integrity)
    }
}
