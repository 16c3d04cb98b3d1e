(** What the checker on machine integers accepts, the checker over Z accepts. *)

From Coq Require Import ZArith List Reals Lia Bool Uint63 Sint63.
From Networks Require Import Networks Trees Rounded Machine.
Import ListNotations.
Open Scope Z_scope.

(** ** Machine integers without overflow *)

Definition fitting (x : Z) : Prop := - 2 ^ 62 <= x < 2 ^ 62.

Lemma in_range x : fitting x -> to_Z min_int <= x <= to_Z max_int.
Proof. unfold fitting; rewrite to_Z_min, to_Z_max; change (wB / 2) with (2 ^ 62); lia. Qed.
Lemma z_fitting x : fitting (to_Z x).
Proof.
  generalize (to_Z_bounded x); rewrite to_Z_min, to_Z_max; change (wB / 2) with (2 ^ 62).
  unfold fitting; lia.
Qed.
Lemma z_add x y : fitting (to_Z x + to_Z y) -> to_Z (x + y)%sint63 = to_Z x + to_Z y.
Proof. intros; now apply to_Z_add, in_range. Qed.
Lemma z_sub x y : fitting (to_Z x - to_Z y) -> to_Z (x - y)%sint63 = to_Z x - to_Z y.
Proof. intros; now apply to_Z_sub, in_range. Qed.
Lemma z_mul x y : fitting (to_Z x * to_Z y) -> to_Z (x * y)%sint63 = to_Z x * to_Z y.
Proof. intros; now apply to_Z_mul, in_range. Qed.
Lemma z_opp x : - 2 ^ 62 < to_Z x -> to_Z (- x)%sint63 = - to_Z x.
Proof. intro more; apply to_Z_opp; intros ->; vm_compute in more; discriminate. Qed.
Lemma z_ltb x y : (x <? y)%sint63 = (to_Z x <? to_Z y).
Proof. destruct (Sint63.ltbP x y); symmetry; [apply Z.ltb_lt | apply Z.ltb_ge]; lia. Qed.
Lemma z_leb x y : (x <=? y)%sint63 = (to_Z x <=? to_Z y).
Proof. destruct (Sint63.lebP x y); symmetry; [apply Z.leb_le | apply Z.leb_gt]; lia. Qed.
Lemma z_eqb x y : (x =? y)%sint63 = (to_Z x =? to_Z y).
Proof. destruct (Sint63.eqbP x y); symmetry; [apply Z.eqb_eq | apply Z.eqb_neq]; lia. Qed.
Lemma z_of z : fitting z -> to_Z (Uint63.of_Z z) = z.
Proof. intros; symmetry; now apply is_int, in_range. Qed.
Lemma z_larger x y : to_Z (larger x y) = Z.max (to_Z x) (to_Z y).
Proof. unfold larger; rewrite z_leb; destruct (Z.leb_spec (to_Z x) (to_Z y)); lia. Qed.
Lemma z_smaller x y : to_Z (smaller x y) = Z.min (to_Z x) (to_Z y).
Proof. unfold smaller; rewrite z_leb; destruct (Z.leb_spec (to_Z x) (to_Z y)); lia. Qed.
Lemma z_within low high x : within low high x = true -> to_Z low <= to_Z x <= to_Z high.
Proof.
  unfold within; rewrite !z_leb; destruct (Z.leb_spec (to_Z low) (to_Z x)); [| discriminate].
  intro below; apply Z.leb_le in below; lia.
Qed.
Lemma v_most : to_Z most = 2 ^ 60. Proof. reflexivity. Qed.
Lemma v_least_most : to_Z least_most = - 2 ^ 60. Proof. reflexivity. Qed.
Lemma v_full : to_Z full_slope = 2 ^ slope_bits. Proof. reflexivity. Qed.
Lemma v_shift : to_Z slope_shift = slope_bits. Proof. reflexivity. Qed.
Lemma v_0 : to_Z 0%sint63 = 0. Proof. reflexivity. Qed.
Lemma v_1 : to_Z 1%sint63 = 1. Proof. reflexivity. Qed.

Lemma z_constant c : bounded_constant c = true -> Z.abs (to_Z c) <= 2 ^ 60.
Proof. intro ok; apply z_within in ok; rewrite v_most, v_least_most in ok; lia. Qed.

Definition z_relation (e : machine_relation) : relation :=
  let '(low, high, slope, follows) := e in (to_Z low, to_Z high, to_Z slope, follows).
Definition z_unit (q : list int * int) : list Z * Z := (map to_Z (fst q), to_Z (snd q)).
Definition z_stage (st : machine_stage) : stage := {|
  width := machine_width st;
  weights := map z_unit (machine_weights st);
  relations := map z_relation (machine_relations st) |}.
Definition z_box (B : list (int * int)) : box := map (fun b => (to_Z (fst b), to_Z (snd b))) B.

Lemma abs_mul a b A B : Z.abs a <= A -> Z.abs b <= B -> Z.abs (a * b) <= A * B.
Proof. intros; rewrite Z.abs_mul; apply Z.mul_le_mono_nonneg; lia. Qed.

Lemma map_repeat {A B} (f : A -> B) x n : map f (repeat x n) = repeat (f x) n.
Proof. induction n; cbn; congruence. Qed.

Fixpoint absolute_sum (r : list Z) : Z :=
  match r with [] => 0 | a :: r => Z.abs a + absolute_sum r end.
Lemma absolute_sum_natural r : 0 <= absolute_sum r.
Proof. induction r; cbn; lia. Qed.

Section Refinement.
Variable s t : Z.
Variable l : limits.
Hypothesis ok : allowed s l = true.
Let number := numbers_of s l.

Lemma limits_hold :
  0 <= s <= 60 /\ 0 <= of_unit l <= 2 ^ 51 /\ 0 <= of_value l <= 2 ^ 51 /\ 0 <= of_weight l
  /\ 0 <= of_row l <= 2 ^ 59 /\ of_unit l * of_value l <= 2 ^ 61
  /\ of_row l * of_weight l <= 2 ^ 61 /\ (of_weight l + 1) * 2 ^ s <= 2 ^ 61
  /\ 1 <= 2 ^ s <= 2 ^ 60 /\ of_weight l <= 2 ^ 61.
Proof.
  unfold allowed in ok; repeat (apply andb_prop in ok as [ok ?]).
  repeat match goal with H : (_ <=? _) = true |- _ => apply Z.leb_le in H end.
  assert (1 <= 2 ^ s) by (change 1 with (2 ^ 0); apply Z.pow_le_mono_r; lia).
  assert (2 ^ s <= 2 ^ 60) by (apply Z.pow_le_mono_r; lia).
  repeat split; auto; nia.
Qed.

Ltac limits :=
  destruct limits_hold as (Hs & HA & HV & HW0 & HM & HAV & HMW & HWs & Hpow & HW).

Lemma v_unit_high : to_Z (unit_high number) = of_unit l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_unit_low : to_Z (unit_low number) = - of_unit l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_value_high : to_Z (value_high number) = of_value l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_value_low : to_Z (value_low number) = - of_value l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_row_high : to_Z (row_high number) = of_row l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_row_low : to_Z (row_low number) = - of_row l.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_s : to_Z (shift number) = s.
Proof. limits; apply z_of; unfold fitting; lia. Qed.
Lemma v_scale : to_Z (scale number) = 2 ^ s.
Proof. limits; apply z_of; unfold fitting; lia. Qed.

Lemma z_bounded_unit a : bounded_unit number a = true -> Z.abs (to_Z a) <= of_unit l.
Proof. intro b; apply z_within in b; rewrite v_unit_low, v_unit_high in b; lia. Qed.
Lemma z_bounded_value a : bounded_value number a = true -> Z.abs (to_Z a) <= of_value l.
Proof. intro b; apply z_within in b; rewrite v_value_low, v_value_high in b; lia. Qed.

Definition good_relation (e : machine_relation) : Prop :=
  let '(low, high, slope, _) := e in
  Z.abs (to_Z low) <= of_value l /\ Z.abs (to_Z high) <= of_value l
  /\ 0 <= to_Z slope <= 2 ^ slope_bits.
Definition good_weight (w : int) : Prop := Z.abs (to_Z w) <= of_weight l.
Definition good_unit (q : list int * int) : Prop :=
  Forall good_weight (fst q) /\ good_weight (snd q).
Definition good_side (b : int * int) : Prop :=
  Z.abs (to_Z (fst b)) <= of_value l /\ Z.abs (to_Z (snd b)) <= of_value l.

Lemma product_bound a v : Z.abs a <= of_unit l -> Z.abs v <= of_value l -> Z.abs (a * v) <= 2 ^ 61.
Proof. intros; limits; generalize (abs_mul a v _ _ H H0); lia. Qed.

Lemma relax_refines : forall r rs c r' c', Forall good_relation rs -> Z.abs (to_Z c) <= 2 ^ 60 ->
  machine_relax number r rs c = Some (r', c') ->
  relax (map to_Z r) (map z_relation rs) (to_Z c) = (map to_Z r', to_Z c').
Proof.
  limits; induction r as [| a r IH]; intros [| [[[low high] slope] follows] rs] c r' c' good Hc H;
    cbn [machine_relax map relax] in *; try (injection H as <- <-; reflexivity).
  inversion good as [| ? ? here good']; subst; cbn [good_relation] in here.
  destruct here as (Hl & Hu & Hslope); cbn [z_relation]; rewrite z_ltb, v_0 in H.
  destruct (to_Z a <? 0) eqn:E.
  - destruct (machine_relax number r rs c) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; rewrite (IH _ _ _ _ good' Hc F); destruct follows; reflexivity.
  - apply Z.ltb_ge in E; rewrite z_leb, v_unit_high in H.
    destruct (Z.leb_spec (to_Z a) (of_unit l)) as [E2 |]; [| discriminate].
    set (a' := ((a * slope) >> slope_shift)%sint63) in *.
    assert (to_Z a' = Z.shiftr (to_Z a * to_Z slope) slope_bits) as R1.
    { unfold a'; rewrite asr_spec, z_mul, v_shift by (unfold fitting, slope_bits in *; nia).
      rewrite Z.shiftr_div_pow2; [reflexivity | unfold slope_bits; lia]. }
    generalize (relax_slope (to_Z a) (to_Z slope) E Hslope); rewrite <- R1; intro between.
    assert (Z.abs (- to_Z a' * to_Z low) <= 2 ^ 61) as P1 by (apply product_bound; lia).
    assert (Z.abs ((to_Z a - to_Z a') * to_Z high) <= 2 ^ 61) as P2 by (apply product_bound; lia).
    assert (to_Z (- a' * low)%sint63 = - to_Z a' * to_Z low) as D1.
    { rewrite z_mul; rewrite z_opp by lia; auto; unfold fitting; lia. }
    assert (to_Z ((a - a') * high)%sint63 = (to_Z a - to_Z a') * to_Z high) as D2.
    { rewrite z_mul; rewrite z_sub by (unfold fitting; lia); auto; unfold fitting; lia. }
    set (d := larger _ _) in *.
    assert (to_Z d = Z.max (- to_Z a' * to_Z low) ((to_Z a - to_Z a') * to_Z high)) as D
      by (unfold d; rewrite z_larger, D1, D2; auto).
    assert (Z.abs (to_Z d) <= 2 ^ 61) as Hd.
    { rewrite D; revert P1 P2; generalize (- to_Z a' * to_Z low).
      generalize ((to_Z a - to_Z a') * to_Z high); intros; lia. }
    assert (to_Z (c + d)%sint63 = to_Z c + to_Z d) as C by (apply z_add; unfold fitting; lia).
    destruct (bounded_constant (c + d)%sint63) eqn:W; [| discriminate]; apply z_constant in W.
    destruct (machine_relax number r rs (c + d)%sint63) as [[r2 c2] |] eqn:F; [| discriminate].
    injection H as <- <-; rewrite <- D, <- C, (IH _ _ _ _ good' W F); cbn [map].
    rewrite R1; reflexivity.
Qed.

Lemma push_refines : forall ps r rs c r' c', Forall good_relation rs -> Z.abs (to_Z c) <= 2 ^ 60 ->
  machine_push number ps r rs c = Some (r', c') ->
  push (map to_Z ps) (map to_Z r) (map z_relation rs) (to_Z c) = (map to_Z r', to_Z c').
Proof.
  limits; induction ps as [| p ps IH]; intros [| a r] [| [[[low high] slope] follows] rs]
    c r' c' good Hc H; cbn [machine_push map push] in *; try (injection H as <- <-; reflexivity).
  inversion good as [| ? ? here good']; subst; cbn [good_relation] in here.
  destruct here as (Hl & Hu & Hslope); cbn [z_relation].
  destruct (bounded_unit number a && bounded_unit number p) eqn:B; [| discriminate].
  apply andb_prop in B as [Ba Bp]; apply z_bounded_unit in Ba; apply z_bounded_unit in Bp.
  assert (to_Z (a + p)%sint63 = to_Z a + to_Z p) as S by (apply z_add; unfold fitting; lia).
  rewrite z_ltb, z_eqb, v_0 in H.
  destruct (to_Z p <? 0); [| destruct (to_Z slope =? 0)].
  - assert (Z.abs (to_Z p * to_Z high) <= 2 ^ 61) as P by (apply product_bound; lia).
    assert (to_Z (c - p * high)%sint63 = to_Z c - to_Z p * to_Z high) as C.
    { rewrite z_sub; rewrite z_mul; auto; unfold fitting; lia. }
    destruct (bounded_constant (c - p * high)%sint63) eqn:W; [| discriminate].
    apply z_constant in W.
    destruct (machine_push number ps r rs (c - p * high)%sint63) as [[r1 c1] |] eqn:F;
      [| discriminate].
    injection H as <- <-; rewrite <- C, (IH _ _ _ _ _ good' W F); cbn [map]; rewrite S; auto.
  - destruct (machine_push number ps r rs c) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; rewrite (IH _ _ _ _ _ good' Hc F); auto.
  - assert (Z.abs (to_Z p * to_Z low) <= 2 ^ 61) as P by (apply product_bound; lia).
    assert (to_Z (c - p * low)%sint63 = to_Z c - to_Z p * to_Z low) as C.
    { rewrite z_sub; rewrite z_mul; auto; unfold fitting; lia. }
    destruct (bounded_constant (c - p * low)%sint63) eqn:W; [| discriminate].
    apply z_constant in W.
    destruct (machine_push number ps r rs (c - p * low)%sint63) as [[r1 c1] |] eqn:F;
      [| discriminate].
    injection H as <- <-; rewrite <- C, (IH _ _ _ _ _ good' W F); cbn [map]; rewrite S; auto.
Qed.

Lemma bounded_row_sum r : forall sum, 0 <= to_Z sum <= of_row l ->
  bounded_row number r sum = true -> to_Z sum + absolute_sum (map to_Z r) <= of_row l.
Proof.
  limits; induction r as [| a r IH]; intros sum Hsum H; cbn [bounded_row map absolute_sum] in *;
    [lia |].
  destruct (within _ _ a) eqn:W; [| discriminate]; apply z_within in W.
  rewrite v_row_low, v_row_high in W; rewrite z_ltb, v_0 in H.
  destruct (Z.ltb_spec (to_Z a) 0).
  - rewrite z_leb, v_row_high in H.
    destruct (Z.leb_spec (to_Z (sum - a)%sint63) (of_row l)) as [L |]; [| discriminate].
    assert (to_Z (sum - a)%sint63 = to_Z sum - to_Z a) by (apply z_sub; unfold fitting; lia).
    specialize (IH (sum - a)%sint63 ltac:(lia) H); lia.
  - rewrite z_leb, v_row_high in H.
    destruct (Z.leb_spec (to_Z (sum + a)%sint63) (of_row l)) as [L |]; [| discriminate].
    assert (to_Z (sum + a)%sint63 = to_Z sum + to_Z a) by (apply z_add; unfold fitting; lia).
    specialize (IH (sum + a)%sint63 ltac:(lia) H); lia.
Qed.

Lemma positive_sum_refines r : absolute_sum (map to_Z r) <= of_row l ->
  to_Z (machine_positive_sum r) = positive_sum (map to_Z r)
  /\ 0 <= positive_sum (map to_Z r) <= absolute_sum (map to_Z r).
Proof.
  limits; induction r as [| a r IH]; intro H;
    cbn [machine_positive_sum map positive_sum absolute_sum] in *; [split; auto; lia |].
  destruct IH as [IH1 IH2]; [lia |].
  assert (to_Z (larger a 0%sint63) = Z.max (to_Z a) 0) as M by (rewrite z_larger; auto).
  rewrite z_add; rewrite M, IH1; [split; auto; lia | unfold fitting; lia].
Qed.

Lemma add_row_refines a q : forall acc b, Forall good_weight q ->
  Forall (fun y => Z.abs (to_Z y) <= b) acc -> 0 <= b -> b + Z.abs (to_Z a) * of_weight l < 2 ^ 62 ->
  map to_Z (machine_add_row a q acc) = add_row (to_Z a) (map to_Z q) (map to_Z acc)
  /\ Forall (fun y => Z.abs (to_Z y) <= b + Z.abs (to_Z a) * of_weight l) (machine_add_row a q acc).
Proof.
  limits; induction q as [| w q IH]; intros [| y acc] b Hq Ha Hb H;
    cbn [machine_add_row map add_row]; auto.
  inversion Hq as [| ? ? Hw Hq']; inversion Ha; subst; destruct (IH acc b) as [I1 I2]; auto.
  unfold good_weight in Hw.
  assert (Z.abs (to_Z a * to_Z w) <= Z.abs (to_Z a) * of_weight l) by (rewrite Z.abs_mul; nia).
  assert (to_Z (a * w)%sint63 = to_Z a * to_Z w) as E1 by (apply z_mul; unfold fitting; lia).
  assert (to_Z (y + a * w)%sint63 = to_Z y + to_Z a * to_Z w) as E2
    by (rewrite z_add; rewrite E1; auto; unfold fitting; lia).
  rewrite I1, E2; split; auto; constructor; auto; rewrite E2; lia.
Qed.

Lemma add_rows_refines : forall L r acc c b, Forall good_unit L ->
  Forall (fun y => Z.abs (to_Z y) <= b) acc -> 0 <= b -> Z.abs (to_Z c) <= b ->
  b + absolute_sum (map to_Z r) * of_weight l < 2 ^ 62 ->
  let (acc', c') := machine_add_rows r L acc c in
  add_rows (map to_Z r) (map z_unit L) (map to_Z acc) (to_Z c) = (map to_Z acc', to_Z c')
  /\ Forall (fun y => Z.abs (to_Z y) < 2 ^ 62) acc'.
Proof.
  assert (0 <= of_weight l) as HW0 by apply limits_hold.
  induction L as [| [q w] L IH]; intros [| a r] acc c b HL Ha Hb Hc H;
    cbn [machine_add_rows map add_rows z_unit fst snd].
  1-3: split; auto; eapply Forall_impl; [| exact Ha]; cbn beta; intros;
    match type of H with _ + absolute_sum ?r * _ < _ =>
      generalize (absolute_sum_natural r) end; nia.
  inversion HL as [| ? ? here HL']; subst; destruct here as [Hq Hw]; unfold good_weight in Hw.
  cbn [fst snd map absolute_sum] in *; generalize (absolute_sum_natural (map to_Z r)); intro.
  rewrite z_eqb, v_0; destruct (to_Z a =? 0) eqn:E.
  - apply (IH _ _ _ b); auto; nia.
  - destruct (add_row_refines a q acc b) as [A1 A2]; auto; try nia.
    assert (Z.abs (to_Z a * to_Z w) <= Z.abs (to_Z a) * of_weight l) by (rewrite Z.abs_mul; nia).
    assert (to_Z (a * w)%sint63 = to_Z a * to_Z w) as E1 by (apply z_mul; unfold fitting; nia).
    assert (to_Z (c + a * w)%sint63 = to_Z c + to_Z a * to_Z w) as E2
      by (rewrite z_add; rewrite E1; auto; unfold fitting; nia).
    rewrite <- A1, <- E2.
    apply (IH _ _ _ (b + Z.abs (to_Z a) * of_weight l)); auto; try nia.
Qed.

Lemma shiftr_fits x : - 2 ^ 62 < x < 2 ^ 62 -> - 2 ^ 62 < Z.shiftr x s < 2 ^ 62.
Proof.
  limits; intro H; rewrite Z.shiftr_div_pow2 by lia; split.
  - apply Z.lt_le_trans with (- 2 ^ 62 + 1); [lia |]; apply Z.div_le_lower_bound; [lia | nia].
  - apply Z.div_lt_upper_bound; nia.
Qed.

Lemma up_refines x : Z.abs (to_Z x) < 2 ^ 62 ->
  to_Z (machine_up number x) = up s (to_Z x) /\ Z.abs (to_Z (machine_up number x)) < 2 ^ 62.
Proof.
  limits; intro H; unfold machine_up, up.
  assert (to_Z ((- x) >> shift number)%sint63 = Z.shiftr (- to_Z x) s) as E.
  { rewrite asr_spec, v_s, z_opp by lia; rewrite Z.shiftr_div_pow2 by lia; reflexivity. }
  generalize (shiftr_fits (- to_Z x) ltac:(lia)); intro; rewrite z_opp; rewrite E; lia.
Qed.

Lemma through_refines n L r c r' c' : Forall good_unit L ->
  machine_through number n L r c = Some (r', c') ->
  through s n (map z_unit L) (map to_Z r) (to_Z c) = (map to_Z r', to_Z c').
Proof.
  limits; intros HL H; unfold machine_through in H.
  destruct (bounded_row number r 0%sint63) eqn:S; [| discriminate].
  apply bounded_row_sum in S; [| rewrite v_0; lia]; rewrite v_0 in S.
  destruct (bounded_constant c) eqn:W; [| discriminate]; apply z_constant in W.
  destruct (positive_sum_refines r ltac:(lia)) as [P1 P2].
  generalize (absolute_sum_natural (map to_Z r)); intro more.
  unfold through; rewrite <- P1 in *.
  assert (to_Z (c + machine_positive_sum r)%sint63 = to_Z c + to_Z (machine_positive_sum r)) as C
    by (apply z_add; unfold fitting; lia).
  assert (absolute_sum (map to_Z r) * of_weight l <= of_row l * of_weight l) as rows by nia.
  generalize (add_rows_refines L r (repeat (machine_positive_sum r) n)
                (c + machine_positive_sum r)%sint63 (2 ^ 60 + 2 ^ 59) HL); intro G.
  destruct (machine_add_rows r L _ _) as [acc c2]; destruct G as [G1 G2]; try lia.
  { apply Forall_forall; intros y Hy; apply repeat_spec in Hy; subst; lia. }
  rewrite map_repeat, C in G1; rewrite G1.
  destruct (bounded_constant c2); [| discriminate]; injection H as <- <-.
  f_equal; clear G1; induction G2 as [| y acc Hy _ IH]; cbn; auto; f_equal; auto.
  symmetry; now apply up_refines.
Qed.

Lemma plus_refines : forall r g r', machine_plus number r g = Some r' ->
  plus (map to_Z r) (map to_Z g) = map to_Z r'.
Proof.
  limits; induction r as [| a r IH]; intros [| b g] r' H; cbn [machine_plus map plus] in *;
    try (injection H as <-; reflexivity).
  destruct (bounded_unit number a && bounded_unit number b) eqn:B; [| discriminate].
  apply andb_prop in B as [Ba Bb]; apply z_bounded_unit in Ba; apply z_bounded_unit in Bb.
  destruct (machine_plus number r g) as [r1 |] eqn:E; [| discriminate]; injection H as <-.
  cbn [map]; rewrite (IH _ _ E), z_add; auto; unfold fitting; lia.
Qed.

Lemma over_box_refines : forall r B c v, Forall good_side B -> Z.abs (to_Z c) <= 2 ^ 60 ->
  machine_over_box number r B c = Some v ->
  over_box (map to_Z r) (z_box B) (to_Z c) = to_Z v /\ Z.abs (to_Z v) <= 2 ^ 60.
Proof.
  limits; induction r as [| a r IH]; intros [| [low high] B] c v HB Hc H;
    cbn [machine_over_box map over_box z_box] in *; try (injection H as <-; split; auto).
  inversion HB as [| ? ? here HB']; subst; destruct here as [B1 B2]; cbn [fst snd] in *.
  destruct (bounded_unit number a) eqn:W; [| discriminate]; apply z_bounded_unit in W.
  assert (Z.abs (to_Z a * to_Z low) <= 2 ^ 61) as P1 by (apply product_bound; lia).
  assert (Z.abs (to_Z a * to_Z high) <= 2 ^ 61) as P2 by (apply product_bound; lia).
  assert (to_Z (a * low)%sint63 = to_Z a * to_Z low) as D1 by (apply z_mul; unfold fitting; lia).
  assert (to_Z (a * high)%sint63 = to_Z a * to_Z high) as D2
    by (apply z_mul; unfold fitting; lia).
  set (d := larger _ _) in *.
  assert (to_Z d = Z.max (to_Z a * to_Z low) (to_Z a * to_Z high)) as D
    by (unfold d; rewrite z_larger, D1, D2; auto).
  assert (to_Z (c + d)%sint63 = to_Z c + to_Z d) as C by (apply z_add; unfold fitting; lia).
  destruct (bounded_constant (c + d)%sint63) eqn:W2; [| discriminate]; apply z_constant in W2.
  rewrite <- D, <- C; apply IH; auto.
Qed.

Definition good_stage (st : machine_stage) : Prop :=
  Forall good_unit (machine_weights st) /\ Forall good_relation (machine_relations st).

Lemma hd_map (ps : list (list int)) : hd [] (map (map to_Z) ps) = map to_Z (hd [] ps).
Proof. destruct ps; reflexivity. Qed.
Lemma tl_map (ps : list (list int)) : tl (map (map to_Z) ps) = map (map to_Z) (tl ps).
Proof. destruct ps; reflexivity. Qed.

Lemma push_constant : forall ps r rs c r' c', machine_push number ps r rs c = Some (r', c') ->
  Z.abs (to_Z c) <= 2 ^ 60 -> Z.abs (to_Z c') <= 2 ^ 60.
Proof.
  induction ps as [| p ps IH]; intros [| a r] [| [[[low high] slope] follows] rs] c r' c' H Hc;
    cbn [machine_push] in H; try (injection H as <- <-; auto).
  destruct (bounded_unit number a && bounded_unit number p); [| discriminate].
  destruct (p <? 0)%sint63; [| destruct (slope =? 0)%sint63].
  - destruct (bounded_constant (c - p * high)%sint63) eqn:W; [| discriminate].
    destruct (machine_push number ps r rs _) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; apply (IH _ _ _ _ _ F); now apply z_constant.
  - destruct (machine_push number ps r rs c) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; exact (IH _ _ _ _ _ F Hc).
  - destruct (bounded_constant (c - p * low)%sint63) eqn:W; [| discriminate].
    destruct (machine_push number ps r rs _) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; apply (IH _ _ _ _ _ F); now apply z_constant.
Qed.

Lemma relax_constant : forall r rs c r' c', machine_relax number r rs c = Some (r', c') ->
  Z.abs (to_Z c) <= 2 ^ 60 -> Z.abs (to_Z c') <= 2 ^ 60.
Proof.
  induction r as [| a r IH]; intros [| [[[low high] slope] follows] rs] c r' c' H Hc;
    cbn [machine_relax] in H; try (injection H as <- <-; auto).
  destruct (a <? 0)%sint63; [| destruct (a <=? unit_high number)%sint63; [| discriminate]].
  - destruct (machine_relax number r rs c) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; exact (IH _ _ _ _ F Hc).
  - destruct (bounded_constant _) eqn:W; [| discriminate].
    destruct (machine_relax number r rs _) as [[r1 c1] |] eqn:F; [| discriminate].
    injection H as <- <-; apply (IH _ _ _ _ F); now apply z_constant.
Qed.

Lemma back_refines B (HB : Forall good_side B) : forall st r c g ps v, Forall good_stage st ->
  machine_back number B st r c g ps = Some v ->
  back s (z_box B) (map z_stage st) (map to_Z r) (to_Z c) (map to_Z g) (map (map to_Z) ps) = to_Z v
  /\ Z.abs (to_Z v) <= 2 ^ 60.
Proof.
  induction st as [| top st IH]; intros r c g ps v Hst H; cbn [machine_back map back] in *;
    (destruct (bounded_constant c) eqn:W; [| discriminate]); apply z_constant in W.
  - destruct (machine_plus number r g) as [r1 |] eqn:E; [| discriminate].
    rewrite (plus_refines _ _ _ E); now apply over_box_refines.
  - inversion Hst as [| ? ? Htop Hst']; subst; destruct Htop as [G1 G2].
    destruct (machine_relax number r (machine_relations top) c) as [[r1 c1] |] eqn:R;
      [| discriminate].
    generalize (relax_constant _ _ _ _ _ R W); intro W1.
    destruct (machine_push number (hd [] ps) r1 (machine_relations top) c1) as [[r2 c2] |] eqn:P;
      [| discriminate].
    cbn [z_stage relations width weights]; rewrite (relax_refines _ _ _ _ _ G2 W R).
    rewrite hd_map, (push_refines _ _ _ _ _ _ G2 W1 P).
    destruct (machine_through number (machine_width top) (machine_weights top) r2 c2)
      as [[r3 c3] |] eqn:T; [| discriminate].
    rewrite (through_refines _ _ _ _ _ _ G1 T), tl_map; now apply IH.
Qed.

Lemma map_increment q : Forall good_weight q ->
  map to_Z (map (fun w => w + 1)%sint63 q) = map (fun w => w + 1) (map to_Z q).
Proof.
  limits; induction 1 as [| w q Hw _ IH]; cbn; auto; f_equal; auto; unfold good_weight in Hw.
  rewrite z_add; rewrite v_1; auto; unfold fitting; lia.
Qed.

Lemma map_opposite q : Forall good_weight q ->
  map to_Z (map (fun w => - w)%sint63 q) = map Z.opp (map to_Z q).
Proof.
  limits; induction 1 as [| w q Hw _ IH]; cbn; auto; f_equal; auto; unfold good_weight in Hw.
  apply z_opp; lia.
Qed.

Lemma related_refines B st q e : Forall good_side B -> Forall good_stage st -> good_unit q ->
  machine_related number B st q = Some e ->
  related s (z_box B) (map z_stage st) (z_unit q) = z_relation e /\ good_relation e.
Proof.
  limits; intros HB Hst [Hq Hw] H; unfold machine_related in H; unfold good_weight in Hw.
  unfold related, upper, lower; cbn [z_unit fst snd].
  destruct (machine_back number B st _ ((snd q + 1) * scale number)%sint63 [] []) as [u |] eqn:U;
    [| discriminate].
  apply back_refines in U as [U1 U2]; auto; rewrite map_increment in U1 by auto.
  assert (Z.abs (to_Z (snd q) + 1) * 2 ^ s <= 2 ^ 61) as room1 by nia.
  assert (Z.abs (- to_Z (snd q)) * 2 ^ s <= 2 ^ 61) as room2 by nia.
  assert (to_Z ((snd q + 1) * scale number)%sint63 = Z.shiftl (to_Z (snd q) + 1) s) as E1.
  { rewrite Z.shiftl_mul_pow2 by lia.
    assert (to_Z (snd q + 1)%sint63 = to_Z (snd q) + 1) as F
      by (rewrite z_add; rewrite v_1; auto; unfold fitting; lia).
    rewrite z_mul; rewrite F, v_scale; auto; unfold fitting; nia. }
  cbn [map] in U1; rewrite E1 in U1; rewrite U1.
  destruct (up_refines u ltac:(lia)) as [C1 C2]; rewrite <- C1.
  set (u' := machine_up number u) in *; destruct (bounded_value number u') eqn:W; [| discriminate].
  apply z_bounded_value in W; rewrite z_leb, v_0 in H; destruct (to_Z u' <=? 0) eqn:E0.
  { injection H as <-; cbn [z_relation good_relation]; rewrite v_0; split; [reflexivity |].
    unfold slope_bits; repeat split; lia. }
  destruct (machine_back number B st _ (- snd q * scale number)%sint63 [] []) as [low |] eqn:L;
    [| discriminate].
  apply back_refines in L as [L1 L2]; auto; rewrite map_opposite in L1 by auto.
  assert (to_Z (- snd q * scale number)%sint63 = Z.shiftl (- to_Z (snd q)) s) as E2.
  { rewrite Z.shiftl_mul_pow2 by lia.
    assert (to_Z (- snd q)%sint63 = - to_Z (snd q)) as F by (apply z_opp; lia).
    rewrite z_mul; rewrite F, v_scale; auto; unfold fitting; nia. }
  cbn [map] in L1; rewrite E2 in L1; rewrite L1.
  destruct (up_refines low ltac:(lia)) as [D1 D2]; rewrite <- D1.
  assert (to_Z (- machine_up number low)%sint63 = - to_Z (machine_up number low)) as F
    by (apply z_opp; lia).
  rewrite <- F; set (l' := (- machine_up number low)%sint63) in *.
  destruct (bounded_value number l') eqn:W2; [| discriminate]; apply z_bounded_value in W2.
  rewrite z_leb, v_0 in H; apply Z.leb_gt in E0; destruct (0 <=? to_Z l') eqn:E3.
  { injection H as <-; cbn [z_relation good_relation]; rewrite v_full.
    split; auto; repeat split; auto; unfold slope_bits; lia. }
  apply Z.leb_gt in E3.
  assert (to_Z (u' * full_slope)%sint63 = to_Z u' * 2 ^ slope_bits) as G1
    by (rewrite z_mul; rewrite v_full; auto; unfold fitting, slope_bits; lia).
  assert (to_Z (u' - l')%sint63 = to_Z u' - to_Z l') as G2 by (apply z_sub; unfold fitting; lia).
  assert (to_Z ((u' * full_slope) / (u' - l'))%sint63
          = (to_Z u' * 2 ^ slope_bits) / (to_Z u' - to_Z l')) as G3.
  { rewrite div_spec by (right; lia); rewrite G1, G2; apply Z.quot_div_nonneg;
      unfold slope_bits; lia. }
  assert (0 <= (to_Z u' * 2 ^ slope_bits) / (to_Z u' - to_Z l') <= 2 ^ slope_bits) as G4.
  { split; [apply Z.div_pos; unfold slope_bits; lia |].
    apply Z.div_le_upper_bound; unfold slope_bits; nia. }
  injection H as <-; cbn [z_relation good_relation]; rewrite G3; split; [| repeat split; auto; lia].
  rewrite z_ltb, z_opp by lia; rewrite Z.max_r, Z.min_r by lia; reflexivity.
Qed.

Lemma clip_refines known e : good_relation e ->
  z_relation (machine_clip known e) = clip known (z_relation e)
  /\ good_relation (machine_clip known e).
Proof.
  limits; destruct e as [[[low high] slope] follows], known as [[] |];
    cbn [good_relation z_relation clip machine_clip]; auto; intros (Hl & Hu & Hslope).
  - rewrite z_eqb, v_0, v_full; destruct (to_Z slope =? 0);
      rewrite ?z_larger, v_0; (split; [reflexivity |]); unfold slope_bits; repeat split; auto; lia.
  - rewrite z_smaller, v_0; split; [reflexivity |]; unfold slope_bits; repeat split; auto; lia.
Qed.

Lemma all_related_refines B st known : Forall good_side B -> Forall good_stage st ->
  forall L j rs, Forall good_unit L -> machine_all_related number B st known j L = Some rs ->
  all_related s (z_box B) (map z_stage st) known j (map z_unit L) = map z_relation rs
  /\ Forall good_relation rs.
Proof.
  intros HB Hst; induction L as [| q L IH]; intros j rs HL H;
    cbn [machine_all_related map all_related] in *; [injection H as <-; auto |].
  inversion HL as [| ? ? Hq HL']; subst.
  destruct (machine_related number B st q) as [e |] eqn:E; [| discriminate].
  destruct (machine_all_related number B st known (S j) L) as [rest |] eqn:F; [| discriminate].
  injection H as <-; apply related_refines in E as [E good]; auto.
  destruct (clip_refines (known j) e good) as [C good'].
  destruct (IH _ _ HL' F) as [I1 I2]; cbn [map]; rewrite E, I1, C; auto.
Qed.

Lemma stages_refines B phases (HB : Forall good_side B) : forall Ls i n st st' m,
  Forall good_stage st -> Forall (Forall good_unit) Ls ->
  machine_stages number B phases i n st Ls = Some (st', m) ->
  stages s (z_box B) phases i n (map z_stage st) (map (map z_unit) Ls) = (map z_stage st', m)
  /\ Forall good_stage st'.
Proof.
  induction Ls as [| L Ls IH]; intros i n st st' m Hst HL H;
    cbn [machine_stages map stages] in *; [injection H as <- <-; auto |].
  inversion HL as [| ? ? HL1 HL2]; subst.
  destruct (machine_all_related number B st (sign phases i) 0 L) as [rs |] eqn:A; [| discriminate].
  apply all_related_refines in A as [A1 A2]; auto.
  rewrite A1, map_length; apply IH in H; auto; constructor; auto; split; auto.
Qed.

Lemma to_int_refines size z x : to_int size z = Some x -> to_Z x = z /\ Z.abs (to_Z x) <= size.
Proof.
  unfold to_int; destruct (_ && _) eqn:E; [| discriminate]; intro H; injection H as <-.
  apply andb_prop in E as [E E3]; apply andb_prop in E as [E1 E2].
  apply Z.leb_le in E1; apply Z.leb_le in E2; apply Z.ltb_lt in E3.
  rewrite z_of by (unfold fitting; lia); lia.
Qed.

Lemma each_inverse {A B} (f : A -> option B) (g : B -> A) (P : B -> Prop) :
  (forall x y, f x = Some y -> g y = x /\ P y) ->
  forall xs ys, each f xs = Some ys -> map g ys = xs /\ Forall P ys.
Proof.
  intro one; induction xs as [| x xs IH]; intros ys H; cbn [each] in *.
  - injection H as <-; auto.
  - destruct (f x) as [y |] eqn:F; [| discriminate].
    destruct (each f xs) as [ys' |]; [| discriminate]; injection H as <-.
    destruct (one _ _ F) as [<- Hy]; destruct (IH _ eq_refl) as [<- Hys]; auto.
Qed.

Lemma box_refines B B' : machine_box l B = Some B' -> z_box B' = B /\ Forall good_side B'.
Proof.
  apply each_inverse; intros [low high] [low' high'] H; cbn [fst snd] in *.
  destruct (to_int (of_value l) low) as [a |] eqn:E1; [| discriminate].
  destruct (to_int (of_value l) high) as [b |] eqn:E2; [| discriminate].
  injection H as -> ->; apply to_int_refines in E1 as [<- E1]; apply to_int_refines in E2 as [<- E2].
  split; auto; split; auto.
Qed.

Lemma layer_refines L L' : machine_layer_of l L = Some L' ->
  map z_unit L' = L /\ Forall good_unit L'.
Proof.
  apply each_inverse; intros [w b] [w' b'] H; cbn [fst snd] in *.
  destruct (each (to_int (of_weight l)) w) as [row |] eqn:E1; [| discriminate].
  destruct (to_int (of_weight l) b) as [bias |] eqn:E2; [| discriminate].
  injection H as -> ->; apply to_int_refines in E2 as [<- E2].
  apply (each_inverse _ to_Z good_weight) in E1 as [<- E1]; [split; auto; split; auto |].
  intros x y E; apply to_int_refines in E; auto.
Qed.

Lemma ints_refine size xs ys : each (to_int size) xs = Some ys -> map to_Z ys = xs.
Proof.
  intro H; apply (each_inverse _ to_Z (fun _ => True)) in H as [H _]; auto.
  intros x y E; apply to_int_refines in E; tauto.
Qed.

Lemma closed_refines B st m ks why : Forall good_side B -> Forall good_stage st ->
  machine_closed number s t l (length B) B st m ks why = true ->
  closed s t (z_box B) (map z_stage st) m ks why = true.
Proof.
  intros HB Hst H; unfold machine_closed in H; unfold closed.
  unfold z_box at 1; rewrite map_length.
  destruct (combined _ _ _ _) as [k |]; [| discriminate].
  destruct (each _ (map (up t) (of_outputs k))) as [r |] eqn:E1; [| discriminate].
  destruct (to_int _ _) as [c |] eqn:E2; [| discriminate].
  destruct (each _ (map (up t) (of_inputs k))) as [g |] eqn:E3; [| discriminate].
  destruct (each _ (pushes why)) as [ps |] eqn:E4; [| discriminate].
  destruct (machine_back _ _ _ _ _ _ _) as [v |] eqn:E5; [| discriminate].
  apply back_refines in E5 as [E5 _]; auto.
  apply ints_refine in E1; apply to_int_refines in E2 as [E2 _]; apply ints_refine in E3.
  apply (each_inverse _ (map to_Z) (fun _ => True)) in E4 as [E4 _];
    [| intros x y E; split; auto; exact (ints_refine _ _ _ E)].
  rewrite E1, E2, E3, E4 in E5; rewrite E5; exact H.
Qed.

Lemma all_closed_refines B st m : Forall good_side B -> Forall good_stage st ->
  forall property whys, machine_all_closed number s t l (length B) B st m property whys = true ->
  all_closed s t (z_box B) (map z_stage st) m property whys = true.
Proof.
  intros HB Hst; induction property as [| ks property IH]; intros [| why whys] H;
    cbn [machine_all_closed all_closed] in *; auto.
  destruct (machine_closed _ _ _ _ _ _ _ _ _ _) eqn:E; [| discriminate].
  rewrite (closed_refines B st m ks why HB Hst E); now apply IH.
Qed.

Lemma tree_refines elsewhere N property : Forall (Forall good_unit) N -> forall tr B phases,
  machine_tree number s t l elsewhere N property B phases tr = true ->
  check_tree s t elsewhere (map (map z_unit) N) property B phases tr = true.
Proof.
  intro HN; induction tr as [i v low IHl high IHh | i j c low IHl high IHh | tr _ | whys];
    intros B phases H; cbn [machine_tree check_tree] in *; auto.
  - destruct (machine_tree _ _ _ _ _ _ _ (lower_high B i v) phases low) eqn:E; [| discriminate].
    rewrite (IHl _ _ E); now apply IHh.
  - destruct (machine_tree _ _ _ _ _ _ _ B (side i j c false :: phases) low) eqn:E;
      [| discriminate].
    rewrite (IHl _ _ E); now apply IHh.
  - unfold machine_leaf in H; unfold leaf.
    destruct (machine_box l B) as [B' |] eqn:EB; [| discriminate].
    apply box_refines in EB as [EB HB].
    destruct (machine_stages _ _ _ _ _ _ _) as [[st m] |] eqn:ES; [| discriminate].
    destruct (stages_refines B' phases HB _ _ _ _ _ _ (Forall_nil _) HN ES) as [E1 E2].
    rewrite EB in E1; cbn [map] in E1; rewrite E1.
    assert (length B = length B') as same by (rewrite <- EB; unfold z_box; apply map_length).
    rewrite same in H; rewrite <- EB; now apply all_closed_refines.
Qed.

End Refinement.

Theorem machine_check_refines s t l elsewhere N property B tr :
  machine_check s t l elsewhere N property B tr = true ->
  0 <= s /\ check_tree s t elsewhere N property B [] tr = true.
Proof.
  unfold machine_check; destruct (allowed s l) eqn:ok; [| discriminate].
  destruct (each (machine_layer_of l) N) as [N' |] eqn:EN; [| discriminate]; intro H.
  apply (each_inverse _ (map z_unit) (Forall (good_unit l))) in EN as [<- EN];
    [| apply layer_refines].
  split; [destruct (limits_hold s l ok); lia |]; eapply tree_refines; eauto.
Qed.
