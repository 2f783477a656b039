import LetheRecords

/// The classes of a task by what has to become of them.
struct ClassRoles: Sendable, Equatable {
    /// The classes of this run's requests; empty where they name samples only.
    let forgotten: [Int]
    /// The classes of earlier requests; there is no data of them.
    let earlier: [Int]
    /// All others.
    let retained: [Int]
}

extension ClassRoles {
    /// Sorts the head's classes by what has to become of them.
    ///
    /// - Throws: `notFound` for a class beyond the head, `invalidArgument` if nothing is left.
    init(of task: ForgetTask, headCount: Int) throws(LetheError) {
        let forgotten = Set(task.requests.flatMap(\.classes))
        let namesSamples = task.requests.contains { $0.samples != nil }
        let earlier = Set(task.earlierRequests.flatMap(\.classes)).subtracting(forgotten)
        if let missing = forgotten.sorted().first(where: { !(0..<headCount).contains($0) }) {
            throw LetheError(
                code: .notFound,
                message: "There is no class \(missing): the model's head has \(headCount) outputs, "
                    + "labels 0 to \(headCount - 1).",
                remedy: "Name classes that the model has.")
        }
        let retained = (0..<headCount).filter { !forgotten.contains($0) && !earlier.contains($0) }
        guard !forgotten.isEmpty || namesSamples, !retained.isEmpty else {
            throw LetheError(
                code: .invalidArgument,
                message: forgotten.isEmpty && !namesSamples
                    ? "The request names no class." : "No class would be left to retain.",
                remedy: "Name at least one class, and leave at least one.")
        }
        self.init(
            forgotten: forgotten.sorted(), earlier: earlier.sorted(), retained: retained)
    }
}
