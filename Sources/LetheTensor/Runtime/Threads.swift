public import LetheRecords

/// How many threads one tensor operation uses.
///
/// The number holds for the calling thread and for threads that have not computed yet, so set it
/// first, on the thread that computes.
public enum Threads {
    /// The number in use on this thread.
    public static var count: Int { threadCount() }

    /// Sets the number of threads, at least 1.
    public static func set(_ count: Int) throws(LetheError) {
        guard count >= 1, count <= 4096 else {
            throw LetheError(
                code: .invalidArgument, message: "\(count) is no usable number of threads.",
                remedy: "Use at least 1 and at most 4096.")
        }
        try setThreadCount(count)
    }
}
