internal import LetheCommandLine
internal import LetheRecords

extension RegistryOptions {
    /// Where the steps of a run go.
    func progress() -> ProgressHandler {
        json && !quiet ? ProgressStream.handler : ProgressBar.handler(quiet: quiet)
    }
}
