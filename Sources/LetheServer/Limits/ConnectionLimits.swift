internal import NIOCore
internal import NIOHTTPTypes

/// Ends connections whose client takes too long or sends too much.
///
/// Hummingbird ends those that say nothing; this one counts what arrives, and sees to it that a
/// request arrives whole in time and that an answer that is being sent is also taken.
final class ConnectionLimits: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ServerLimits
    private var bodySizeBytes = 0
    private var arrival: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var unsentCount = 0
    private var progress = NIODeadline.now()

    init(_ limits: ServerLimits) { self.limits = limits }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    private func cancel() {
        arrival?.cancel()
        stall?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            bodySizeBytes = 0
            arrival?.cancel()
            arrival = context.eventLoop.assumeIsolated().scheduleTask(
                in: .seconds(Int64(limits.arrivalSeconds))
            ) { context.close(promise: nil) }
        case .body(let bytes):
            bodySizeBytes += bytes.readableBytes
            guard bodySizeBytes <= limits.bodySizeBytes else {
                context.close(promise: nil)
                return
            }
        case .end:
            arrival?.cancel()
            arrival = nil
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        let promise = promise ?? context.eventLoop.makePromise()
        unsentCount += 1
        if stall == nil { watch(context) }
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            unsentCount -= 1
            progress = .now()
        }
        context.write(data, promise: promise)
    }

    /// Looks again and again, as long as something waits to be taken.
    private func watch(_ context: ChannelHandlerContext) {
        progress = .now()
        let limit = TimeAmount.seconds(Int64(limits.stallSeconds))
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            stall = nil
            guard unsentCount > 0 else { return }
            if .now() - progress >= limit {
                context.close(promise: nil)
            } else {
                let last = progress
                watch(context)
                progress = last
            }
        }
    }
}
