internal import LetheCommandLine

@main
struct Main {
    static func main() async { await Program.run(ServeCommand.self) }
}
