using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Contenders;

/// <summary>The other end of the protocol: this program as a contender, for one rendering of the workloads.</summary>
internal static class ServeCommand
{
    public static int Run(string renderingName)
    {
        var workloads = Catalogue.All.Where(workload => Find(workload, renderingName) is not null).ToArray();
        if (workloads.Length == 0)
            throw new UsageException($"No workload has a rendering '{renderingName}'. There are: {string.Join(", ", DotNetContenders.Names)}.");

        // Whatever else is printed must not come between the replies.
        var replies = Console.Out;
        Console.SetOut(Console.Error);
        replies.WriteLine(Protocol.Write(new Hello(
            renderingName, $".NET {Environment.Version}", Environment.ProcessorCount, [.. workloads.Select(workload => workload.Name)])));
        replies.Flush();

        // A stock rendering gets no system: Qi's threads have no business in its process.
        bool isQi = Find(workloads[0], renderingName)!.IsQi;
        ActorSystem? system = isQi ? new ActorSystem() : null;
        while (Console.In.ReadLine() is { } line)
        {
            replies.WriteLine(Protocol.Write(Answer(workloads, renderingName, system, line)));
            replies.Flush();
        }

        return system is null || system.StopAsync().GetAwaiter().GetResult().IsComplete ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static Rendering? Find(Workload workload, string name)
        => workload.Renderings.FirstOrDefault(rendering => string.Equals(rendering.Name, name, StringComparison.Ordinal));

    private static Reply Answer(Workload[] workloads, string renderingName, ActorSystem? system, string line)
    {
        try
        {
            var request = Protocol.ReadRequest(line);
            var workload = workloads.FirstOrDefault(workload => string.Equals(workload.Name, request.Workload, StringComparison.Ordinal))
                ?? throw new FormatException($"{renderingName} has no workload '{request.Workload}'");
            return Once(Find(workload, renderingName)!, system, request.Size);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            return new Reply { Error = $"{e.GetType().Name}: {e.Message}" };
        }
    }

    private static Reply Once(Rendering rendering, ActorSystem? system, int size)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var meter = Meter.Start();
        var outcome = rendering.Measure(system!, size);
        var spent = outcome.Spent ?? meter.Stop();
        return new Reply
        {
            Ns = spent.Ns,
            CpuNs = spent.CpuNs,
            AllocatedBytes = spent.AllocatedBytes,
            Result = outcome.Result,
            BytesPerUnit = outcome.BytesPerUnit,
            P50Ns = outcome.Latencies?.P50Ns,
            P99Ns = outcome.Latencies?.P99Ns,
            P999Ns = outcome.Latencies?.P999Ns,
            StealSuccess = outcome.StealSuccess,
        };
    }
}
