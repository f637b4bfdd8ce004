using System.Collections.Concurrent;
using System.Reflection;

using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Qi.Actors.TestRunner;

/// <summary>Runs test assemblies that lie beside it, by NUnit's own runner, and ends with a line of counts.</summary>
internal static class Program
{
    private const string Usage = "Qi.Actors.TestRunner ASSEMBLY... [--match PART-OF-A-NAME]... [--names]";

    public static int Main(string[] arguments)
    {
        var assemblies = new List<string>();
        var parts = new List<string>();
        bool showsNames = false;
        for (int index = 0; index < arguments.Length; index++)
        {
            if (arguments[index] == "--names")
                showsNames = true;
            else if (arguments[index] == "--match" && index + 1 < arguments.Length)
                parts.Add(arguments[++index]);
            else if (!arguments[index].StartsWith('-'))
                assemblies.Add(arguments[index]);
            else
                assemblies.Clear();
        }

        if (assemblies.Count == 0)
        {
            Console.WriteLine(Usage);
            return 2;
        }

        var report = new Report(showsNames);
        var filter = parts.Count == 0 ? TestFilter.Empty : new NameFilter(parts);
        foreach (string assembly in assemblies)
        {
            var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
            var loaded = runner.Load(Assembly.Load(assembly), new Dictionary<string, object>(StringComparer.Ordinal));
            if (loaded.RunState == RunState.NotRunnable)
                report.Broken(assembly, loaded.Properties.Get(PropertyNames.SkipReason)?.ToString());
            else
                runner.Run(report, filter);
        }

        return report.End();
    }

    // Tests whose full name has one of some parts.
    private sealed class NameFilter(List<string> parts) : TestFilter
    {
        public override bool Match(ITest test) => parts.Exists(part => test.FullName.Contains(part, StringComparison.Ordinal));

        public override TNode AddToXml(TNode parentNode, bool recursive) => parentNode.AddElement("test", string.Join(' ', parts));
    }

    private sealed class Report(bool showsNames) : ITestListener
    {
        private readonly ConcurrentDictionary<string, int> _reasons = new(StringComparer.Ordinal);
        private int _passed;
        private int _failed;

        public void TestStarted(ITest test)
        {
            if (showsNames && !test.IsSuite)
                Console.WriteLine(test.FullName);
        }

        public void TestFinished(ITestResult result)
        {
            if (result.Test.IsSuite && !(result.ResultState.Status == TestStatus.Failed && result.ResultState.Site is FailureSite.SetUp or FailureSite.TearDown))
                return;
            switch (result.ResultState.Status)
            {
                case TestStatus.Passed or TestStatus.Warning:
                    _passed++;
                    break;
                case TestStatus.Failed:
                    _failed++;
                    Console.WriteLine($"failed: {result.FullName} ({result.Duration:0.0} s)\n{result.Message}\n{result.StackTrace}");
                    break;
                default:
                    _reasons.AddOrUpdate(result.Message is { Length: > 0 } reason ? reason : "no reason", 1, static (_, count) => count + 1);
                    break;
            }
        }

        public void TestOutput(TestOutput output)
        {
        }

        public void SendMessage(TestMessage message)
        {
        }

        public void Broken(string assembly, string? reason)
        {
            _failed++;
            Console.WriteLine($"failed: {assembly} cannot be loaded: {reason}");
        }

        public int End()
        {
            foreach (var (reason, count) in _reasons)
                Console.WriteLine($"left out {count}: {reason.ReplaceLineEndings(" ")}");
            Console.WriteLine($"{_passed} passed, {_failed} failed");
            return _failed == 0 && _passed > 0 ? 0 : 1;
        }
    }
}
