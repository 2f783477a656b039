public import LetheRecords

extension RegistryStorage {
    /// Whether this, the newest entry of the log, names a version whose reference has yet to move:
    /// its writer died in between, and the next writer moves it.
    public func isPending(_ last: LogLeaf) throws(LetheError) -> Bool {
        try LogRecovery(lineage: lineage).pending(last) != nil
    }
}
