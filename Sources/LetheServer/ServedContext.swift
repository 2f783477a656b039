internal import Hummingbird
internal import NIOCore

/// What Hummingbird hands over with each request, and the connection that it came by.
struct ServedContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
