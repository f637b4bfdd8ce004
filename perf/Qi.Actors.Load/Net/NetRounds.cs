// As with the other workloads: all servers of a workload are started and warmed up, then the rounds go A B C A B C …, so that
// whatever the machine does meanwhile falls on all of them. A server that waits sleeps in the kernel. Each round has a client of
// its own, whose connections are new. So has each of the parts of the warm-up: otherwise what a server does once for a connection is compiled during the rounds.
//
// Where memory is measured, the pools and tables that earlier rounds have filled would hide what a connection costs: there each round has a server
// of its own too, and nothing is warmed up.

using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Net;

/// <summary>Measures the servers in a workload, interleaved round by round.</summary>
internal sealed class NetRounds(NetOptions options, NetLineup lineup, Action<string> progress)
{
    private const int BetweenMs = 200;
    private const int MostWarmUpClients = 6;
    private const int LeastWarmUpMs = 100; // a client that has no time to hear from the server fails

    private static readonly TimeSpan s_introduction = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public NetComparison Measure(NetWorkload workload)
    {
        var failures = new List<string>();
        var runners = new List<Runner>();
        try
        {
            foreach (var server in lineup.Servers)
            {
                progress($"{workload.Name} warms up: {server.Name}");
                var runner = new Runner(server, workload, lineup);
                runners.Add(runner);
                Try(runner, failures, () => runner.WarmUp(options.WarmUpMs));
            }

            for (int round = 1; round <= options.Rounds; round++)
            {
                foreach (var runner in runners.Where(runner => !runner.HasFailed))
                {
                    progress($"{workload.Name} round {round} of {options.Rounds}: {runner.Server.Name}");
                    Try(runner, failures, () => runner.Play(options.Ms));
                }
            }
        }
        finally
        {
            foreach (var runner in runners)
                runner.Dispose();
        }

        return new NetComparison(workload, [.. runners.Where(runner => !runner.HasFailed).Select(runner => new NetSeries(runner.Server.Name, workload, runner.Reports))], failures);
    }

    private static void Try(Runner runner, List<string> failures, Action action)
    {
        try
        {
            action();
        }
        catch (ContenderException e)
        {
            failures.Add(e.Message);
            runner.HasFailed = true;
            runner.Dispose();
        }
    }

    private sealed class Runner(NetServer server, NetWorkload workload, NetLineup lineup) : IDisposable
    {
        private ContenderProcess? _process;
        private Ready? _ready;

        public NetServer Server => server;

        public List<ClientReport> Reports { get; } = [];

        public bool HasFailed { get; set; }

        public void WarmUp(int ms)
        {
            if (workload.Gauge == NetGauge.Memory)
                return;
            Start();
            int clients = Math.Clamp(ms / LeastWarmUpMs, 1, MostWarmUpClients);
            for (int i = 0; i < clients; i++)
                Once(0, ms / clients);
        }

        public void Play(int ms) => Reports.Add(workload.Gauge == NetGauge.Memory ? Hold(ms) : Once(BetweenMs, ms));

        private void Start()
        {
            _process?.Dispose();
            _process = lineup.Start(server, workload);
            _ready = _process.Read(NetProtocol.ReadReady, "its start", s_introduction);
        }

        private ClientReport Hold(int ms)
        {
            Start();
            var before = AskForMemory();
            using var client = lineup.StartClient(workload, _ready!, BetweenMs, ms);
            double open = client.Read(NetProtocol.ReadOpen, "opening its connections", s_patience);
            var after = AskForMemory();
            client.Say("go on");
            var report = client.Read(NetProtocol.ReadReport, workload.Name, TimeSpan.FromMilliseconds(BetweenMs + ms) + s_patience);
            return report with
            {
                ManagedBytesEach = (after?.ManagedBytes - before?.ManagedBytes) / open,
                SlabBytesEach = (after?.SlabBytes - before?.SlabBytes) / open,
            };
        }

        private ServerMemory? AskForMemory()
        {
            if (!server.IsManaged)
                return null;
            _process!.Say("memory");
            return _process.Read(NetProtocol.ReadMemory, "its memory", s_patience);
        }

        private ClientReport Once(int warmUpMs, int ms)
        {
            using var client = lineup.StartClient(workload, _ready!, warmUpMs, ms);
            return client.Read(NetProtocol.ReadReport, workload.Name, TimeSpan.FromMilliseconds(warmUpMs + ms) + s_patience);
        }

        public void Dispose() => _process?.Dispose();
    }
}
