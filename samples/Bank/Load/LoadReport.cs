using Bank.Tellers;

namespace Bank.Load;

/// <summary>Says how the run went, and whether the books are right.</summary>
internal static class LoadReport
{
    /// <summary>Prints the figures and the checks; true if every check holds.</summary>
    public static bool Print(int transfers, TimeSpan elapsed, ClientReport clients, BankTotals totals)
    {
        Console.WriteLine($"{transfers:N0} transfers in {elapsed.TotalSeconds:0.00} s: {transfers / elapsed.TotalSeconds:N0} transfers/s");
        Console.WriteLine($"{clients.Applied:N0} applied, {clients.Refused:N0} refused for insufficient funds, {clients.Repeated:N0} sent twice");
        bool[] checks =
        [
            Check(
                clients.Applied + clients.Refused == transfers && clients.Failed == 0,
                $"each transfer was applied or refused: {clients.Applied:N0} + {clients.Refused:N0} of {transfers:N0}"),
            Check(
                totals.TransfersOut == clients.Applied && totals.TransfersIn == clients.Applied,
                $"each applied transfer was paid once and credited once: {totals.TransfersOut:N0} and {totals.TransfersIn:N0} times"),
            Check(clients.Contradicted == 0, $"each transfer that was sent twice got the same answer twice: {clients.Contradicted:N0} did not"),
            Check(totals.Reserved == 0, $"nothing is left set aside: {totals.Reserved:N2}"),
            Check(totals.Balance == totals.Deposited, $"the money is conserved to the cent: {totals.Balance:N2} of {totals.Deposited:N2}"),
        ];
        return Array.TrueForAll(checks, static isRight => isRight);
    }

    private static bool Check(bool isRight, string text)
    {
        Console.WriteLine($"{(isRight ? "ok  " : "WRONG")} {text}");
        return isRight;
    }
}
