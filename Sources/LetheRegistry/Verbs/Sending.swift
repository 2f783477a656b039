public import LetheRecords
internal import LetheStorage
internal import Synchronization

/// One answer's leave to send the bytes of a version, looked at anew before each piece.
///
/// From `begin` to `end` a piece is on its way, and a revocation of the model that happens
/// meanwhile is acknowledged only after `end`, or after `renew` has found that the version is
/// still given out.
public final class SendingLeave: Sendable {
    private struct State {
        var moment: ReleaseMoment
        var held: Int?
    }

    private let registry: Registry
    private let version: Version
    private let givesUncertified: Bool
    private let lock: SendingLock?
    private let state: Mutex<State>

    fileprivate init(
        _ registry: Registry, _ version: Version, since moment: ReleaseMoment,
        allowingUncertified: Bool, lock: SendingLock?
    ) {
        self.registry = registry
        self.version = version
        givesUncertified = allowingUncertified
        self.lock = lock
        state = Mutex(State(moment: moment, held: nil))
    }

    deinit { end() }

    /// Looks whether the next piece may go.
    ///
    /// - Throws: `refused` if the version is revoked by now.
    public func begin() throws(LetheError) {
        try state.withLock { (state) throws(LetheError) in
            let model = version.manifest.model
            while true {
                // First hold, then look: what moves the model after the look sees that it is held.
                let offset = Registry.offset(of: model, state.moment)
                let isHeld = try lock?.hold(offset) ?? false
                do throws(LetheError) {
                    let now = try registry.moment(of: model)
                    if now == state.moment, isHeld || lock == nil {
                        state.held = isHeld ? offset : nil
                        return
                    }
                    try registry.refuseUnreleased(version, allowingUncertified: givesUncertified)
                    state.moment = now
                } catch {
                    if isHeld { lock?.letGo(offset) }
                    throw error
                }
                if isHeld { lock?.letGo(offset) }
            }
        }
    }

    /// Looks again, while a piece takes long to go.
    ///
    /// - Throws: as `begin`; the piece still counts as being on its way then.
    public func renew() throws(LetheError) {
        let held = state.withLock { $0.held }
        try begin()
        if let held { lock?.letGo(held) }
    }

    /// Says that the piece has gone, or never will.
    public func end() {
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held
        }
        if let held { lock?.letGo(held) }
    }
}

extension Registry {
    /// How long whoever revokes waits for servers to let go of what is on its way.
    ///
    /// They look four times a second; longer means that one of them is stopped.
    private static let sendersLimitSeconds = 60.0

    /// A leave to send the bytes of a version.
    ///
    /// Where the lock file cannot be opened, no revocation waits for this answer.
    ///
    /// - Parameter moment: Where the model stood before it was decided that the version is given
    ///   out.
    public func leave(
        toSend version: Version, since moment: ReleaseMoment, allowingUncertified: Bool
    ) -> SendingLeave {
        let lock = sendingLock.withLock { lock in
            if lock == nil { lock = try? SendingLock(storage.layout) }
            return lock
        }
        return SendingLeave(
            self, version, since: moment, allowingUncertified: allowingUncertified, lock: lock)
    }

    /// Waits until nobody is in the middle of sending what was looked at before the model's line or
    /// its decisions moved.
    ///
    /// - Throws: `io` if a server does not let go.
    func waitForSenders(of model: String) throws(LetheError) {
        let lock = try SendingLock(storage.layout)
        let offset = try Self.offset(of: model, moment(of: model))
        guard try lock.waitForOthers(than: offset, limitSeconds: Self.sendersLimitSeconds) else {
            throw LetheError(
                code: .io,
                message: "The revocation is recorded, but a server was in the middle of sending "
                    + "and does not let go.",
                remedy: "See whether a process that serves this registry is stopped, and end it.")
        }
    }

    static func offset(of model: String, _ moment: ReleaseMoment) -> Int {
        SendingLock.offset(
            line: model,
            moment: "\(moment.tip?.hex ?? "none") \(moment.erasures?.hex ?? "none")")
    }
}
