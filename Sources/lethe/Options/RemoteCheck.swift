internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

extension RegistryOptions {
    /// Checks a registry elsewhere against this one, and says what was found.
    ///
    /// - Throws: exit code 4 if something is wrong with it; what `audit(remote:)` throws.
    func check(
        remote: String, askedBy access: ServerAccess, for registry: Registry,
        readsObjects: Bool = true
    ) throws {
        let report = try registry.audit(
            remote: registry.address(remote).asked(by: access), readsObjects: readsObjects,
            progress: progress())
        output.write(AuditRendering.json(report), text: AuditRendering.text(report))
        if !report.isClean { throw ExitCode(ErrorCode.integrity.exitCode) }
    }
}
