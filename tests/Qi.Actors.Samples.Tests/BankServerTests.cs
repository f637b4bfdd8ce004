using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Qi.Actors.Samples.Tests;

internal sealed class BankServerTests
{
    private SampleProcess _bank = null!;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public async Task StartBank()
    {
        _bank = SampleProcess.Start("Bank", "--urls", "http://127.0.0.1:0");
        string line = await _bank.WaitForLineAsync("Listening on ");
        string url = line["Listening on ".Length..line.IndexOf(". Press", StringComparison.Ordinal)];
        _client = new HttpClient { BaseAddress = new Uri(url) };
    }

    [OneTimeTearDown]
    public async Task KillBank()
    {
        _client?.Dispose();
        if (_bank is not null)
            await _bank.DisposeAsync();
    }

    [Test]
    public async Task Open_WithDeposit_ShowsBalance()
    {
        using var response = await PostAsync("/accounts", """{"initialDeposit": 100.25}""");
        var account = await ReadAsync(response);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(response.Headers.Location?.ToString(), Is.EqualTo($"/accounts/{account["id"]}"));
        Assert.That(await BalanceAsync((long)account["id"]!), Is.EqualTo(100.25m));
    }

    [Test]
    public async Task Open_WithoutBody_HasNothing()
    {
        using var response = await _client.PostAsync("/accounts", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((decimal)(await ReadAsync(response))["balance"]!, Is.Zero);
    }

    [Test]
    public async Task Deposit_Twice_AddsUp()
    {
        long account = await OpenAsync(1m);
        foreach (string amount in (string[])["0.10", "0.20"])
        {
            using var response = await PostAsync($"/accounts/{account}/deposit", $$"""{"amount": {{amount}}}""");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        Assert.That(await BalanceAsync(account), Is.EqualTo(1.30m));
    }

    [Test]
    public async Task Transfer_Covered_MovesTheMoney()
    {
        long from = await OpenAsync(10m);
        long to = await OpenAsync(0m);

        using var response = await TransferAsync(from, to, 3.33m);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await BalanceAsync(from), Is.EqualTo(6.67m));
        Assert.That(await BalanceAsync(to), Is.EqualTo(3.33m));
    }

    [Test]
    public async Task Transfer_SentAgain_IsMadeOnce()
    {
        long from = await OpenAsync(10m);
        long to = await OpenAsync(0m);
        var id = Guid.NewGuid();

        using var first = await TransferAsync(from, to, 2m, id);
        using var second = await TransferAsync(from, to, 2m, id);
        using var other = await TransferAsync(from, to, 3m, id);

        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo(await first.Content.ReadAsStringAsync()));
        await AssertProblemAsync(other, HttpStatusCode.Conflict, id.ToString());
        Assert.That(await BalanceAsync(to), Is.EqualTo(2m));
    }

    [Test]
    public async Task Transfer_PayeeIsFull_GivesThePayerTheMoneyBack()
    {
        const decimal Most = 10_000_000_000_000m;
        long from = await OpenAsync(1m);
        long to = await OpenAsync(Most);

        using var response = await TransferAsync(from, to, 1m);

        await AssertProblemAsync(response, HttpStatusCode.Conflict, $"{Most:0.00}");
        var payer = await ReadAsync(await _client.GetAsync($"/accounts/{from}"));
        Assert.That((decimal)payer["available"]!, Is.EqualTo(1m));
        Assert.That(await BalanceAsync(to), Is.EqualTo(Most));
    }

    [Test]
    public async Task Transfer_NotCovered_IsAConflictThatNamesTheBalance()
    {
        long from = await OpenAsync(5m);
        long to = await OpenAsync(0m);

        using var response = await TransferAsync(from, to, 5.01m);

        await AssertProblemAsync(response, HttpStatusCode.Conflict, "5.00");
        Assert.That(await BalanceAsync(from), Is.EqualTo(5m));
    }

    [Test]
    public async Task Transfers_InParallel_ConserveTheMoney()
    {
        long[] accounts = [await OpenAsync(50m), await OpenAsync(50m), await OpenAsync(50m)];

        var transfers = Enumerable.Range(0, 600).Select(async number =>
        {
            using var response = await TransferAsync(accounts[number % 3], accounts[(number + 1 + (number / 3 % 2)) % 3], 1m + (number % 40));
            return response.StatusCode;
        });
        var totals = Enumerable.Range(0, 20).Select(async _ => await ReadAsync(await _client.GetAsync("/totals")));
        var whileBusy = Task.WhenAll(totals);
        var outcomes = await Task.WhenAll(transfers);

        Assert.That(outcomes.Distinct(), Is.EquivalentTo(new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.That(await whileBusy, Has.All.Matches<JsonNode>(body => (bool)body!["isConserved"]! && (decimal)body["reserved"]! == 0));
        decimal sum = 0;
        foreach (long account in accounts)
            sum += await BalanceAsync(account);
        Assert.That(sum, Is.EqualTo(150m));
    }

    [TestCase("""{"amount": 0}""", "0")]
    [TestCase("""{"amount": -1}""", "-1")]
    [TestCase("""{"amount": 1.005}""", "1.005")]
    [TestCase("""{"amount": 1e30}""", "1e30")]
    [TestCase("""{"amount": 0.10000000000000000000000000000000001}""", "0.1000")]
    [TestCase("""{"amount": "ten"}""", "ten")]
    [TestCase("""{"amount": null}""", "amount")]
    [TestCase("""{}""", "amount")]
    [TestCase("""{"amuont": 1}""", "amuont")]
    [TestCase("""{"amount": 1, "amount": 2}""", "amount")]
    [TestCase("""[1]""", "[1]")]
    [TestCase("""{"amount": 1""", "not JSON")]
    public async Task Deposit_BadBody_IsAProblemThatNamesTheValue(string body, string named)
    {
        long account = await OpenAsync(1m);

        using var response = await PostAsync($"/accounts/{account}/deposit", body);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, named);
        Assert.That(await BalanceAsync(account), Is.EqualTo(1m));
    }

    [TestCase("GET", "/accounts/999999999", null, 404, "999999999")]
    [TestCase("GET", "/accounts/abc", null, 404, "abc")]
    [TestCase("GET", "/nowhere", null, 404, "/nowhere")]
    [TestCase("DELETE", "/totals", null, 405, "DELETE")]
    [TestCase("POST", "/accounts/999999999/deposit", """{"amount": 1}""", 404, "999999999")]
    [TestCase("POST", "/transfers", """{"from": 999999998, "to": 999999999, "amount": 1}""", 404, "999999998")]
    [TestCase("POST", "/transfers", """{"from": 1, "to": 1, "amount": 1}""", 400, "both 1")]
    [TestCase("POST", "/transfers", """{"from": "x", "to": 1, "amount": 1}""", 400, "\"x\"")]
    [TestCase("POST", "/transfers", """{"id": "x", "from": 1, "to": 2, "amount": 1}""", 400, "UUID")]
    [TestCase("POST", "/accounts", """{"initialDeposit": -1}""", 400, "-1")]
    public async Task Request_Wrong_IsAProblem(string method, string path, string? body, int status, string named)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await _client.SendAsync(request);

        await AssertProblemAsync(response, (HttpStatusCode)status, named);
    }

    [Test]
    public async Task Request_NotJson_IsRefusedByItsType()
    {
        using var response = await _client.PostAsync("/accounts", new StringContent("{}", Encoding.UTF8, "text/plain"));

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "text/plain");
    }

    [Test]
    public async Task Start_PortTaken_SaysSo()
    {
        var result = await SampleProcess.RunAsync("Bank", "--urls", _client.BaseAddress!.ToString());

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Errors, Does.Contain("address already in use").And.Contain("--urls"));
    }

    private async Task<long> OpenAsync(decimal deposit)
    {
        using var response = await PostAsync("/accounts", $$"""{"initialDeposit": {{deposit}}}""");
        return (long)(await ReadAsync(response))["id"]!;
    }

    private async Task<decimal> BalanceAsync(long account)
        => (decimal)(await ReadAsync(await _client.GetAsync($"/accounts/{account}")))["balance"]!;

    private Task<HttpResponseMessage> TransferAsync(long from, long to, decimal amount, Guid? id = null)
        => _client.PostAsJsonAsync("/transfers", new { id, from, to, amount });

    private Task<HttpResponseMessage> PostAsync(string path, string json)
        => _client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string named)
    {
        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That((int)problem["status"]!, Is.EqualTo((int)status));
        Assert.That((string?)problem["title"], Is.Not.Empty);
        Assert.That((string?)problem["detail"], Does.Contain(named));
    }
}
