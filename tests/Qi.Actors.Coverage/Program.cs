// dotnet run --project tests/Qi.Actors.Coverage -c Release [-- options of dotnet test]
//
// Runs every test project with the coverage collector, merges what they covered, and prints the share of each folder of
// src and of the whole. The exit code is zero if the tests passed and the whole is at or above the bound.

using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Qi.Actors.Coverage;

internal static class Program
{
    private const double LeastPercent = 90;

    public static int Main(string[] options)
    {
        string root = FindRoot();
        string results = Directory.CreateTempSubdirectory("qi-coverage-").FullName;
        try
        {
            int testExit = RunTests(root, results, options);
            CoverageReport report = Merge(root, results);
            Print(report);
            if (testExit != 0)
                Console.Error.WriteLine($"dotnet test ended with exit code {testExit}. Mend the tests first.");
            if (report.Percent < LeastPercent)
                Console.Error.WriteLine(Say($"Line coverage is below {LeastPercent:F0} %. Test what the folders above lack."));
            return testExit != 0 || report.Percent < LeastPercent ? 1 : 0;
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }

    private static int RunTests(string root, string results, string[] options)
    {
        string[] arguments =
        [
            "test", "Qi.Actors.sln", "-c", "Release", "-m:1", "--collect:XPlat Code Coverage",
            "--settings", Path.Combine("tests", "coverage.runsettings"), "--results-directory", results, .. options,
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = root };
        using Process tests = Process.Start(start)
            ?? throw new InvalidOperationException("dotnet test did not start. Check that 'dotnet' is on the path.");
        tests.WaitForExit();
        return tests.ExitCode;
    }

    private static CoverageReport Merge(string root, string results)
    {
        var report = new CoverageReport(root);
        foreach (string file in Directory.EnumerateFiles(results, "*.cobertura.xml", SearchOption.AllDirectories))
            report.Add(XDocument.Load(file));
        return report;
    }

    private static void Print(CoverageReport report)
    {
        Console.WriteLine();
        foreach ((string folder, int covered, int lines) in report.Folders())
            Console.WriteLine(Say($"{CoverageReport.PercentOf(covered, lines),6:F1} %  {covered,6} of {lines,6}  {folder}"));
        Console.WriteLine(Say($"Line coverage of src: {report.Percent:F1} % ({report.Covered} of {report.Lines} lines)"));
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Qi.Actors.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Qi.Actors.sln. Run it from a checkout.");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
