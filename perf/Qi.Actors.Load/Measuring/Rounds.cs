// All contenders of a workload are started and warmed up; then the rounds go A B C A B C …, so that whatever the machine does
// meanwhile falls on all of them. Those who wait hold their memory and burn nothing. Round 0 does not count: what a compiler was
// still at when the warm-up ended is done by then, and caches are as any later round finds them.

using System.Diagnostics;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Measuring;

/// <summary>Measures a workload, interleaved round by round.</summary>
internal sealed class Rounds(int count, TimeSpan warmUp, TimeSpan patience, Action<string> progress)
{
    public Comparison Measure(Workload workload, int size, IReadOnlyList<Contender> contenders)
    {
        var failures = new List<string>();
        var runners = new List<Runner>();
        try
        {
            foreach (var contender in contenders.Where(contender => contender.Offers(workload)))
            {
                progress($"{workload.Name} warms up: {contender.Name}");
                var runner = new Runner(contender, workload, size);
                runners.Add(runner);
                Try(runner, failures, () => runner.WarmUp(warmUp, patience));
            }

            for (int round = 0; round <= count; round++)
            {
                foreach (var runner in runners.Where(runner => !runner.HasFailed))
                {
                    progress($"{workload.Name} round {round} of {count}: {runner.Contender.Name}");
                    Try(runner, failures, () => runner.Play(round, patience));
                }
            }
        }
        finally
        {
            foreach (var runner in runners)
                runner.Dispose();
        }

        return new Comparison(
            workload, size, [.. runners.Where(runner => !runner.HasFailed).Select(runner => new Series(runner.Contender, workload, size, runner.Replies))], failures);
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

    private sealed class Runner(Contender contender, Workload workload, int size) : IDisposable
    {
        private static readonly TimeSpan s_introduction = TimeSpan.FromSeconds(30);

        private ContenderProcess? _process;

        public Contender Contender => contender;

        public List<Reply> Replies { get; } = [];

        public bool HasFailed { get; set; }

        // One round at least, and long enough for the compiler's later tiers: they come in after some tenths of a second.
        public void WarmUp(TimeSpan least, TimeSpan patience)
        {
            _process = ContenderProcess.Start(contender, workload);
            _process.ReadHello(s_introduction);
            long start = Stopwatch.GetTimestamp();
            do
            {
                Once(patience);
            }
            while (Stopwatch.GetElapsedTime(start) < least);
        }

        public void Play(int round, TimeSpan patience)
        {
            var reply = Once(patience);
            if (round > 0)
                Replies.Add(reply);
        }

        private Reply Once(TimeSpan patience)
        {
            var reply = _process!.Run(new Request(workload.Name, size), patience);
            long expected = workload.Expected(size);
            return reply.Result == expected
                ? reply
                : throw new ContenderException($"{contender.Name}, run {workload.Name} {size}: the result is {reply.Result}; expected {expected}. Something was lost or done twice.");
        }

        public void Dispose() => _process?.Dispose();
    }
}
