using System.Globalization;

namespace Bank;

/// <summary>What the command line asks for.</summary>
internal sealed record BankOptions
{
    public const int MostTransfers = 1_000_000_000;
    public const int MostAccounts = 1_000_000;
    public const int MostClients = 10_000;
    public const int DefaultAccounts = 1_000;
    public const int DefaultClients = 64;

    public bool IsHelp { get; private init; }

    /// <summary>Where to listen; null for the default.</summary>
    public string? Urls { get; private init; }

    /// <summary>Transfers to make; null to serve instead.</summary>
    public int? Transfers { get; private init; }

    public int Accounts { get; private init; } = DefaultAccounts;

    public int Clients { get; private init; } = DefaultClients;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">They are wrong: the message says how.</exception>
    public static BankOptions Parse(IReadOnlyList<string> args)
    {
        var options = new BankOptions();
        var given = new HashSet<string>(StringComparer.Ordinal);
        for (int index = 0; index < args.Count; index++)
        {
            string name = args[index];
            if (name is "--help" or "-h" or "-?")
                return options with { IsHelp = true };

            string? value = null;
            if (name.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                (name, value) = (name[..equals], name[(equals + 1)..]);
            if (name is not ("--urls" or "--transfers" or "--accounts" or "--clients"))
                throw new FormatException($"There is no argument '{name}'.");
            if (!given.Add(name))
                throw new FormatException($"{name} is given twice.");
            value ??= ++index < args.Count ? args[index] : throw new FormatException($"{name} needs a value.");
            options = options.With(name, value);
        }

        return options.Transfers is null ? options.RequireNone(given, "--accounts", "--clients") : options.RequireNone(given, "--urls");
    }

    private BankOptions With(string name, string value) => name switch
    {
        "--urls" => this with { Urls = CheckUrls(value) },
        "--transfers" => this with { Transfers = Number(name, value, 1, MostTransfers) },
        "--accounts" => this with { Accounts = Number(name, value, 2, MostAccounts) },
        _ => this with { Clients = Number(name, value, 1, MostClients) },
    };

    private BankOptions RequireNone(HashSet<string> given, params string[] names)
    {
        foreach (string name in names)
        {
            if (given.Contains(name))
                throw new FormatException(Transfers is null ? $"{name} is for the load: give --transfers too." : $"{name} is for serving: leave --transfers out.");
        }

        return this;
    }

    private static int Number(string name, string value, int least, int most)
        => int.TryParse(value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} is '{value}'; give a whole number from {least:N0} to {most:N0}.");

    private static string CheckUrls(string value)
    {
        foreach (string url in value.Split(';'))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != Uri.UriSchemeHttp || parsed.PathAndQuery != "/")
                throw new FormatException($"--urls is '{value}'; give an address such as {Http.BankServer.DefaultUrl}.");
        }

        return value;
    }
}
