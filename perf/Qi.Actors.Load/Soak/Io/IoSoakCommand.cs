using Qi.Actors.Load.Soak.Io.Partitions;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>The long run of input and output.</summary>
internal static class IoSoakCommand
{
    private static readonly SoakKind s_transfers = new(
        "io-soak",
        "transfers",
        static totals => $"Transfers: {totals.Sent:N0} begun = {totals.Handled:N0} whole + {totals.Dead:N0} cut off as planned + {totals.Refused:N0} refused; {totals.Bytes / 1e9:N2} GB arrived, each byte as it was sent.");

    public static int Run(Arguments arguments)
    {
        var options = OptionsFrom(arguments);
        if (!OperatingSystem.IsLinux())
            throw new UsageException("io-soak counts descriptors in /proc and needs Linux.");
        using var link = MakeLink();
        Link.Current = link;
        return SoakCommand.Run(options, link is null ? IoCatalogue.Local : [.. IoCatalogue.Local, .. IoCatalogue.Partitions], Descriptors.Gauges);
    }

    public static SoakOptions OptionsFrom(Arguments arguments)
    {
        arguments.Allow("minutes", "seed", "patience", "episodes", "round", "json", "reactor");
        return SoakOptions.Read(arguments) with { Kind = s_transfers, Reactor = ReactorFrom(arguments) };
    }

    /// <summary>The reactor that a command is to use.</summary>
    public static ReactorChoice ReactorFrom(Arguments arguments)
    {
        string word = arguments.Text("reactor") ?? nameof(ReactorChoice.Auto);
        if (!Enum.TryParse<ReactorChoice>(word, ignoreCase: true, out var reactor) || !Enum.IsDefined(reactor))
            throw new UsageException($"--reactor is '{word}'. It must be one of {string.Join(", ", Enum.GetNames<ReactorChoice>())}.");
        return reactor;
    }

    // Null without partitions; then it was said why.
    private static Link? MakeLink()
    {
        string? refusal = OwnNetwork.Enter();
        try
        {
            if (refusal is null)
                return Link.Make();
        }
        catch (InvalidOperationException e)
        {
            refusal = e.Message.TrimEnd('.');
        }

        Console.WriteLine($"io-soak: without partitions: {refusal}.");
        return null;
    }
}
