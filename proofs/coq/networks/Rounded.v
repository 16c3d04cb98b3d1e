(** The quick checker, over Z: backward linear bounds of relu networks with rounded weights.

    A unit's bound is that of a linear form, pulled back through the layers below it: relu is
    replaced by a line above or below it, and a layer by its weights, until the inputs are reached.
    Values and inputs are non-negative, so rounding multipliers up is sound, and a weight that is
    rounded down to a multiple of 1/2^s costs at most 1/2^s: no error analysis is needed. *)

From Coq Require Import ZArith List Reals Lra Lia Psatz Bool.
From Networks Require Import Networks Trees.
Import ListNotations.

Definition rounded_layer := list (list Z * Z).

(** Of a unit before relu: bounds, the slope of the line above relu, over 2^10, and whether the
    line below it has slope 1 or 0.  With slope 0 above the lower bound is not used. *)
Definition relation := (Z * Z * Z * bool)%type.
Definition slope_bits := 10%Z.

Record stage := { width : nat; weights : rounded_layer; relations : list relation }.

(** A number divided by 2^t, rounded up. *)
Definition up (t x : Z) : Z := (- Z.shiftr (- x) t)%Z.

(** What the phases say of a unit: it is negative, or it is not. *)
Fixpoint sign (ps : list phase) (i j : nat) : option bool :=
  match ps with
  | [] => None
  | p :: ps =>
    if Nat.eqb (at_layer p) i && Nat.eqb (at_unit p) j && Nat.eqb (at_cut p) 0 then Some (above p)
    else sign ps i j
  end.

Section Checker.
Variable s : Z.                         (* values, weights and sides of boxes are over 2^s *)
Hypothesis natural : (0 <= s)%Z.
Variable t : Z.                         (* sums of constraints are divided by 2^t *)
Open Scope Z_scope.

Fixpoint relax (r : list Z) (rs : list relation) (c : Z) : list Z * Z :=
  match r, rs with
  | a :: r, (l, u, slope, follows) :: rs =>
    if a <? 0 then let (r', c') := relax r rs c in ((if follows then a else 0) :: r', c')
    else let a' := Z.shiftr (a * slope) slope_bits in
         let (r', c') := relax r rs (c + Z.max (- a' * l) ((a - a') * u)) in (a' :: r', c')
  | _, _ => ([], c)
  end.

(** Multipliers of what is known of units: p (z - l) >= 0 for p > 0, p (z - u) >= 0 for p < 0. *)
Fixpoint push (ps r : list Z) (rs : list relation) (c : Z) : list Z * Z :=
  match ps, r, rs with
  | p :: ps, a :: r, (l, u, slope, _) :: rs =>
    if p <? 0 then let (r', c') := push ps r rs (c - p * u) in (a + p :: r', c')
    else if slope =? 0 then let (r', c') := push ps r rs c in (a :: r', c')
    else let (r', c') := push ps r rs (c - p * l) in (a + p :: r', c')
  | _, _, _ => (r, c)
  end.

Fixpoint positive_sum (r : list Z) : Z :=
  match r with [] => 0 | a :: r => Z.max a 0 + positive_sum r end.

Fixpoint add_row (a : Z) (q acc : list Z) : list Z :=
  match q, acc with w :: q, y :: acc => (y + a * w) :: add_row a q acc | _, _ => [] end.

Fixpoint add_rows (r : list Z) (L : rounded_layer) (acc : list Z) (c : Z) : list Z * Z :=
  match r, L with
  | a :: r, (q, b) :: L =>
    if a =? 0 then add_rows r L acc c else add_rows r L (add_row a q acc) (c + a * b)
  | _, _ => (acc, c)
  end.

Definition through (n : nat) (L : rounded_layer) (r : list Z) (c : Z) : list Z * Z :=
  let p := positive_sum r in
  let (acc, c') := add_rows r L (repeat p n) (c + p) in (map (up s) acc, c').

Fixpoint plus (r g : list Z) : list Z :=
  match r, g with a :: r, b :: g => (a + b) :: plus r g | r, [] => r | [], g => g end.

Fixpoint over_box (r : list Z) (B : box) (c : Z) : Z :=
  match r, B with
  | a :: r, (lo, hi) :: B => over_box r B (c + Z.max (a * lo) (a * hi))
  | _, _ => c
  end.

(** A bound of 2^s (r . values of the last stage + g . inputs) + c over the box. *)
Fixpoint back (B : box) (st : list stage) (r : list Z) (c : Z) (g : list Z) (ps : list (list Z))
  : Z :=
  match st with
  | [] => over_box (plus r g) B c
  | top :: st =>
    let (r1, c1) := relax r (relations top) c in
    let (r2, c2) := push (hd [] ps) r1 (relations top) c1 in
    let (r3, c3) := through (width top) (weights top) r2 c2 in back B st r3 c3 g (tl ps)
  end.

Definition upper (B : box) (st : list stage) (q : list Z * Z) : Z :=
  up s (back B st (map (fun w => w + 1) (fst q)) (Z.shiftl (snd q + 1) s) [] []).
Definition lower (B : box) (st : list stage) (q : list Z * Z) : Z :=
  - up s (back B st (map Z.opp (fst q)) (Z.shiftl (- snd q) s) [] []).

Definition related (B : box) (st : list stage) (q : list Z * Z) : relation :=
  let u := upper B st q in
  if u <=? 0 then (0, u, 0, false) else
  let l := lower B st q in
  if 0 <=? l then (l, u, 2 ^ slope_bits, true)
  else (l, u, Z.min (2 ^ slope_bits) (Z.max 0 ((u * 2 ^ slope_bits) / (u - l))), - l <? u).

Definition clip (known : option bool) (e : relation) : relation :=
  let '(l, u, slope, _) := e in
  match known with
  | None => e
  | Some true => (if slope =? 0 then 0 else Z.max l 0, u, 2 ^ slope_bits, true)
  | Some false => (0, Z.min u 0, 0, false)
  end.

Fixpoint all_related (B : box) (st : list stage) (known : nat -> option bool) (j : nat)
  (L : rounded_layer) : list relation :=
  match L with
  | [] => []
  | q :: L => clip (known j) (related B st q) :: all_related B st known (S j) L
  end.

Fixpoint stages (B : box) (phases : list phase) (i n : nat) (st : list stage)
  (Ls : list rounded_layer) : list stage * nat :=
  match Ls with
  | [] => (st, n)
  | L :: Ls =>
    stages B phases (S i) (length L)
      ({| width := n; weights := L; relations := all_related B st (sign phases i) 0 L |} :: st) Ls
  end.

Definition closed (B : box) (st : list stage) (m : nat) (ks : list constraint) (why : reason)
  : bool :=
  match combined (length B) m ks (factors why) with
  | None => false
  | Some k =>
    refutes k (back B st (map (up t) (of_outputs k)) (up t (- Z.shiftl (least k) s))
                 (map (up t) (of_inputs k)) (pushes why))
  end.

Fixpoint all_closed (B : box) (st : list stage) (m : nat) (property : list (list constraint))
  (whys : list reason) : bool :=
  match property, whys with
  | [], _ => true
  | ks :: property, why :: whys => closed B st m ks why && all_closed B st m property whys
  | _ :: _, [] => false
  end.

Definition leaf (N : list rounded_layer) (B : box) (phases : list phase)
  (property : list (list constraint)) (whys : list reason) : bool :=
  let (st, m) := stages B phases 0 (length B) [] N in all_closed B st m property whys.

(** The exact checker decides where it is asked. *)
Variable elsewhere : box -> list phase -> tree -> bool.

Fixpoint check_tree (N : list rounded_layer) (property : list (list constraint)) (B : box)
  (phases : list phase) (tr : tree) : bool :=
  match tr with
  | Cut i v low high =>
    check_tree N property (lower_high B i v) phases low
    && check_tree N property (raise_low B i v) phases high
  | Split i j cut low high =>
    check_tree N property B (side i j cut false :: phases) low
    && check_tree N property B (side i j cut true :: phases) high
  | Exactly tr => elsewhere B phases tr
  | Leaf whys => leaf N B phases property whys
  end.

Fixpoint chained (n : nat) (N : list rounded_layer) : bool :=
  match N with
  | [] => true
  | L :: N => forallb (fun q => Nat.eqb (length (fst q)) n) L && chained (length L) N
  end.

(** ** Soundness *)

Definition K : R := IZR (2 ^ s).

Lemma K_positive : (0 < K)%R.
Proof. apply (IZR_lt 0), Z.pow_pos_nonneg; lia. Qed.

Definition times (r : list Z) (a : list R) : R := dot (map IZR r) a.
Definition natural_values (a : list R) : Prop := Forall (fun v => 0 <= v)%R a.
Fixpoint total (a : list R) : R := match a with [] => 0 | v :: a => v + total a end.
Definition near (w : R) (q : Z) : Prop := (IZR q <= w * K <= IZR q + 1)%R.
Definition near_unit (u : list R * R) (q : list Z * Z) : Prop :=
  Forall2 near (fst u) (fst q) /\ near (snd u) (snd q).
Definition near_layer (L : layer) (Q : rounded_layer) : Prop :=
  activation L = relu /\ Forall2 near_unit (units L) Q.

Lemma relu_natural z : (0 <= relu z)%R.
Proof. apply Rmax_l. Qed.

Lemma total_natural a : natural_values a -> (0 <= total a)%R.
Proof. induction 1; cbn; lra. Qed.

Lemma near_times w q a r : Forall2 near w q -> natural_values a -> length q = length a ->
  (K * IZR r * dot w a <= IZR r * times q a + IZR (Z.max r 0) * total a)%R.
Proof.
  intro close; revert a; unfold times.
  induction close as [| w0 q0 w q here close IH]; intros [| a0 a] plus_a same; cbn in *;
    try discriminate; try lra.
  inversion plus_a as [| ? ? first rest]; subst; specialize (IH a rest ltac:(lia)).
  assert (K * IZR r * w0 * a0 <= (IZR r * IZR q0 + IZR (Z.max r 0)) * a0)%R.
  { apply Rmult_le_compat_r; auto; destruct here as [below beyond].
    destruct (Z.le_ge_cases r 0) as [sign | sign].
    - rewrite Z.max_r by lia; apply IZR_le in sign; nra.
    - rewrite Z.max_l by lia; apply IZR_le in sign; nra. }
  lra.
Qed.

Lemma near_sum u q a r : near_unit u q -> natural_values a -> length (fst q) = length a ->
  (K * IZR r * sum_of a u
   <= IZR r * (times (fst q) a + IZR (snd q)) + IZR (Z.max r 0) * (total a + 1))%R.
Proof.
  intros [close [below beyond]] plus_a same; generalize (near_times _ _ _ r close plus_a same).
  unfold sum_of; intro.
  assert (K * IZR r * snd u <= IZR r * IZR (snd q) + IZR (Z.max r 0))%R.
  { destruct (Z.le_ge_cases r 0) as [sign | sign].
    - rewrite Z.max_r by lia; apply IZR_le in sign; nra.
    - rewrite Z.max_l by lia; apply IZR_le in sign; nra. }
  lra.
Qed.

(** Relu: any multiplier between 0 and r will do. *)

Lemma relu_above r a l u z : 0 <= a <= r -> (IZR l <= z * K <= IZR u)%R ->
  (K * IZR r * relu z <= K * IZR a * z + IZR (Z.max (- a * l) ((r - a) * u)))%R.
Proof.
  intros [low high] [Hl Hu]; apply IZR_le in low; apply IZR_le in high.
  assert (IZR (- a * l) <= IZR (Z.max (- a * l) ((r - a) * u)))%R as A by (apply IZR_le; lia).
  assert (IZR ((r - a) * u) <= IZR (Z.max (- a * l) ((r - a) * u)))%R as B by (apply IZR_le; lia).
  rewrite mult_IZR, opp_IZR in A; rewrite mult_IZR, minus_IZR in B.
  unfold relu; destruct (Rle_dec 0 z) as [sign | sign].
  - rewrite Rmax_right by lra; nra.
  - rewrite Rmax_left by lra; nra.
Qed.

Lemma relu_below r a z : r <= a <= 0 -> (K * IZR r * relu z <= K * IZR a * z)%R.
Proof.
  intros [low high]; apply IZR_le in low; apply IZR_le in high; generalize K_positive; intro.
  unfold relu; destruct (Rle_dec 0 z) as [sign | sign].
  - rewrite Rmax_right by lra; assert (0 <= K * z)%R by nra; nra.
  - rewrite Rmax_left by lra; assert (K * z <= 0)%R by nra; nra.
Qed.

Definition bounded (z : R) (e : relation) : Prop :=
  let '(l, u, slope, _) := e in
  0 <= slope <= 2 ^ slope_bits /\ (z * K <= IZR u)%R /\ (slope = 0 \/ (IZR l <= z * K)%R).

Definition form (r : list Z) (c : Z) (a : list R) : R := (K * times r a + IZR c)%R.

Lemma relax_slope a slope : 0 <= a -> 0 <= slope <= 2 ^ slope_bits ->
  0 <= Z.shiftr (a * slope) slope_bits <= a.
Proof.
  intros plus_a range; rewrite Z.shiftr_div_pow2 by (unfold slope_bits; lia).
  unfold slope_bits in *; change (2 ^ 10) with 1024 in *.
  split; [apply Z.div_pos; nia | apply Z.div_le_upper_bound; nia].
Qed.

Lemma relax_sound z rs : Forall2 bounded z rs -> forall r c,
  let (r', c') := relax r rs c in (form r c (map relu z) <= form r' c' z)%R.
Proof.
  unfold form, times; generalize K_positive; intro.
  induction 1 as [| z0 [[[l u] slope] follows] z rs here _ IH]; intros [| a r] c;
    cbn [relax map dot]; try lra.
  destruct here as (range & Hu & Hl).
  destruct (a <? 0) eqn:E.
  - apply Z.ltb_lt in E; specialize (IH r c); destruct (relax r rs c) as [r' c']; cbn [map dot].
    generalize (relu_below a (if follows then a else 0) z0 ltac:(destruct follows; lia)); lra.
  - apply Z.ltb_ge in E; set (a' := Z.shiftr (a * slope) slope_bits).
    generalize (relax_slope a slope E range); fold a'; intro between.
    set (d := Z.max (- a' * l) ((a - a') * u)).
    specialize (IH r (c + d)); destruct (relax r rs (c + d)) as [r' c']; cbn [map dot].
    rewrite plus_IZR in IH.
    assert (K * IZR a * relu z0 <= K * IZR a' * z0 + IZR d)%R.
    { destruct Hl as [Hl | Hl]; [| now apply relu_above].
      assert (a' = 0) as zero by (unfold a'; rewrite Hl, Z.mul_0_r; reflexivity).
      unfold d; rewrite zero; replace (- 0 * l) with 0 by lia; rewrite Z.sub_0_r.
      assert (0 <= IZR (Z.max 0 (a * u)))%R by (apply (IZR_le 0); lia).
      assert (IZR (a * u) <= IZR (Z.max 0 (a * u)))%R as B by (apply IZR_le; lia).
      rewrite mult_IZR in B; apply IZR_le in E; unfold relu; apply Rmax_case_strong; intros; nra. }
    lra.
Qed.

Lemma push_sound z rs : Forall2 bounded z rs -> forall ps r c,
  let (r', c') := push ps r rs c in (form r c z <= form r' c' z)%R.
Proof.
  unfold form, times.
  induction 1 as [| z0 [[[l u] slope] follows] z rs here _ IH]; intros [| p ps] [| a r] c;
    cbn [push map dot]; try lra.
  destruct here as (_ & Hu & Hl).
  destruct (p <? 0) eqn:E; [| destruct (slope =? 0) eqn:F].
  - apply Z.ltb_lt in E; apply IZR_lt in E; specialize (IH ps r (c - p * u)).
    destruct (push ps r rs (c - p * u)) as [r' c']; cbn [map dot] in *.
    rewrite minus_IZR, mult_IZR in IH; rewrite plus_IZR; nra.
  - specialize (IH ps r c); destruct (push ps r rs c) as [r' c']; cbn [map dot] in *; lra.
  - apply Z.ltb_ge in E; apply IZR_le in E; apply Z.eqb_neq in F.
    assert (IZR l <= z0 * K)%R by tauto; specialize (IH ps r (c - p * l)).
    destruct (push ps r rs (c - p * l)) as [r' c']; cbn [map dot] in *.
    rewrite minus_IZR, mult_IZR in IH; rewrite plus_IZR; nra.
Qed.

Lemma add_row_length a q acc : length q = length acc -> length (add_row a q acc) = length acc.
Proof.
  revert acc; induction q as [| w q IH]; intros [| y acc] same; cbn in *; try lia; rewrite IH; lia.
Qed.

Lemma add_row_times a q acc v : length q = length acc ->
  times (add_row a q acc) v = (IZR a * times q v + times acc v)%R.
Proof.
  unfold times; revert acc v; induction q as [| w q IH]; intros [| y acc] [| v0 v] same; cbn in *;
    try lia; try lra.
  rewrite IH by lia; rewrite plus_IZR, mult_IZR; lra.
Qed.

Definition of_width (n : nat) (q : list Z * Z) : bool := Nat.eqb (length (fst q)) n.

Lemma add_rows_sound a (plus_a : natural_values a) us L : Forall2 near_unit us L ->
  forallb (of_width (length a)) L = true -> forall r acc c, length acc = length a ->
  let (acc', c') := add_rows r L acc c in
  length acc' = length a /\
  (K * times r (map (sum_of a) us) + (times acc a + IZR c)
   <= times acc' a + IZR c' + IZR (positive_sum r) * (total a + 1))%R.
Proof.
  generalize (total_natural a plus_a); intro sum.
  assert (forall r, 0 <= IZR (positive_sum r))%R as more.
  { intro r; apply (IZR_le 0); induction r; cbn; lia. }
  unfold times at 1; induction 1 as [| u [q b] us L here _ IH]; intros ok [| r0 r] acc c same;
    cbn [add_rows map dot].
  1, 3: split; auto; cbn; lra.
  1: split; auto; specialize (more (r0 :: r)); nra.
  cbn [forallb of_width fst] in ok; apply andb_prop in ok as [wide ok].
  apply Nat.eqb_eq in wide; cbn [fst] in wide.
  generalize (near_sum u (q, b) a r0 here plus_a wide); cbn [fst snd positive_sum]; intro bound.
  rewrite plus_IZR; destruct (r0 =? 0) eqn:E.
  - apply Z.eqb_eq in E; subst r0; specialize (IH ok r acc c same).
    destruct (add_rows r L acc c) as [acc' c']; destruct IH as [IH1 IH2]; split; auto.
    cbn [Z.max]; rewrite Rmult_0_l, !Rplus_0_l; exact IH2.
  - specialize (IH ok r (add_row r0 q acc) (c + r0 * b)).
    rewrite add_row_length in IH by lia; specialize (IH same).
    destruct (add_rows r L (add_row r0 q acc) (c + r0 * b)) as [acc' c'].
    destruct IH as [IH1 IH2]; split; auto.
    rewrite add_row_times, plus_IZR, mult_IZR in IH2 by lia; lra.
Qed.

Lemma repeat_times p a : times (repeat p (length a)) a = (IZR p * total a)%R.
Proof. unfold times; induction a as [| v a IH]; cbn; [lra | rewrite IH; lra]. Qed.

Lemma up_bound k x : 0 <= k -> x <= up k x * 2 ^ k.
Proof.
  intro plus_k; unfold up; rewrite Z.shiftr_div_pow2 by auto.
  assert (0 < 2 ^ k) as positive by (apply Z.pow_pos_nonneg; lia).
  generalize (Z.mul_div_le (- x) (2 ^ k) positive); lia.
Qed.

Lemma up_times k acc a : 0 <= k -> natural_values a ->
  (times acc a <= IZR (2 ^ k) * times (map (up k) acc) a)%R.
Proof.
  unfold times; intros plus_k plus_a; revert acc.
  induction plus_a as [| v a here _ IH]; intros [| y acc]; cbn; try lra.
  specialize (IH acc); generalize (up_bound k y plus_k); intro A; apply IZR_le in A.
  rewrite mult_IZR in A; nra.
Qed.

Lemma through_sound a us L r c : natural_values a -> Forall2 near_unit us L ->
  forallb (of_width (length a)) L = true ->
  let (r', c') := through (length a) L r c in
  (form r c (map (sum_of a) us) <= form r' c' a)%R.
Proof.
  intros plus_a close ok; unfold through, form.
  generalize (add_rows_sound a plus_a us L close ok r (repeat (positive_sum r) (length a))
                (c + positive_sum r) (repeat_length _ _)).
  destruct (add_rows r L _ _) as [acc c']; intros [_ H].
  rewrite repeat_times, plus_IZR in H; generalize (up_times s acc a natural plus_a).
  fold K; lra.
Qed.

Lemma plus_times r g x : times (plus r g) x = (times r x + times g x)%R.
Proof.
  unfold times; revert g x; induction r as [| a r IH]; intros [| b g] [| v x]; cbn; try lra.
  rewrite IH, plus_IZR; lra.
Qed.

Definition inside (B : box) (x : list R) : Prop := in_box (2 ^ s) B x.

Lemma over_box_sound B x : inside B x -> forall r c, (form r c x <= IZR (over_box r B c))%R.
Proof.
  unfold form, times; intro within.
  induction within as [| [lo hi] v B x here _ IH]; intros [| a r] c; cbn [over_box map dot];
    try lra.
  specialize (IH r (c + Z.max (a * lo) (a * hi))); rewrite plus_IZR in IH; cbn [fst snd] in here.
  fold K in here.
  assert (K * IZR a * v <= IZR (Z.max (a * lo) (a * hi)))%R.
  { destruct (Z.le_ge_cases 0 a) as [sign | sign].
    - assert (IZR (a * hi) <= IZR (Z.max (a * lo) (a * hi)))%R as A by (apply IZR_le; lia).
      rewrite mult_IZR in A; apply IZR_le in sign; nra.
    - assert (IZR (a * lo) <= IZR (Z.max (a * lo) (a * hi)))%R as A by (apply IZR_le; lia).
      rewrite mult_IZR in A; apply IZR_le in sign; nra. }
  lra.
Qed.

(** The stages hold at an input, and give values. *)
Inductive at_input (x : list R) : list stage -> list R -> Prop :=
  | at_first : natural_values x -> at_input x [] x
  | at_next top st a L : at_input x st a -> width top = length a ->
      forallb (of_width (width top)) (weights top) = true -> near_layer L (weights top) ->
      Forall2 bounded (before L a) (relations top) -> at_input x (top :: st) (after L a).

Lemma after_natural L a : activation L = relu -> natural_values (after L a).
Proof.
  intro is_relu; unfold after; rewrite is_relu; unfold natural_values.
  induction (before L a); cbn; constructor; auto using relu_natural.
Qed.

Lemma at_input_natural x st a : at_input x st a -> natural_values a.
Proof. destruct 1 as [| ? ? ? ? ? ? ? [is_relu _]]; auto using after_natural. Qed.

Lemma back_sound B x st a : inside B x -> at_input x st a -> forall r c g ps,
  (form r c a + K * times g x <= IZR (back B st r c g ps))%R.
Proof.
  intros within; induction 1 as [| top st a L at_a IH wide ok [is_relu close] bounds];
    intros r c g ps; cbn [back].
  - generalize (over_box_sound B x within (plus r g) c); unfold form; rewrite plus_times; lra.
  - generalize (relax_sound _ _ bounds r c); destruct (relax r (relations top) c) as [r1 c1].
    generalize (push_sound _ _ bounds (hd [] ps) r1 c1).
    destruct (push (hd [] ps) r1 (relations top) c1) as [r2 c2].
    rewrite wide in *.
    generalize (through_sound a _ _ r2 c2 (at_input_natural _ _ _ at_a) close ok).
    destruct (through (length a) (weights top) r2 c2) as [r3 c3]; specialize (IH r3 c3 g (tl ps)).
    unfold after, before in *; rewrite is_relu; lra.
Qed.

Lemma upper_row w q a : Forall2 near w q -> natural_values a ->
  (K * dot w a <= times (map (fun w => w + 1)%Z q) a)%R.
Proof.
  unfold times; intro close; revert a.
  induction close as [| w0 q0 w q [_ here] _ IH]; intros [| v a] plus_a; cbn; try lra.
  inversion plus_a as [| ? ? first rest]; subst; specialize (IH a rest); rewrite plus_IZR.
  assert (w0 * K * v <= (IZR q0 + 1) * v)%R by (apply Rmult_le_compat_r; auto); lra.
Qed.

Lemma lower_row w q a : Forall2 near w q -> natural_values a ->
  (- K * dot w a <= times (map Z.opp q) a)%R.
Proof.
  unfold times; intro close; revert a.
  induction close as [| w0 q0 w q [here _] _ IH]; intros [| v a] plus_a; cbn; try lra.
  inversion plus_a as [| ? ? first rest]; subst; specialize (IH a rest); rewrite opp_IZR.
  assert (IZR q0 * v <= w0 * K * v)%R by (apply Rmult_le_compat_r; auto); lra.
Qed.

Lemma shiftl_K v : (IZR (Z.shiftl v s) = IZR v * K)%R.
Proof. rewrite Z.shiftl_mul_pow2 by auto; apply mult_IZR. Qed.

Lemma up_K v : (IZR v <= IZR (up s v) * K)%R.
Proof. unfold K; rewrite <- mult_IZR; apply IZR_le, up_bound, natural. Qed.

Lemma upper_sound B x st a u q : inside B x -> at_input x st a -> near_unit u q ->
  (sum_of a u * K <= IZR (upper B st q))%R.
Proof.
  intros within at_a [close [_ high]]; unfold upper.
  generalize (back_sound B x st a within at_a (map (fun w => w + 1)%Z (fst q))
                (Z.shiftl (snd q + 1) s) [] []).
  set (V := back _ _ _ _ _ _); generalize (up_K V).
  generalize (upper_row _ _ a close (at_input_natural _ _ _ at_a)).
  unfold form, sum_of, times at 3; rewrite shiftl_K, plus_IZR; cbn [map dot]; intros.
  generalize K_positive; intro; apply (Rmult_le_reg_r K); auto; nra.
Qed.

Lemma lower_sound B x st a u q : inside B x -> at_input x st a -> near_unit u q ->
  (IZR (lower B st q) <= sum_of a u * K)%R.
Proof.
  intros within at_a [close [low _]]; unfold lower.
  generalize (back_sound B x st a within at_a (map Z.opp (fst q)) (Z.shiftl (- snd q) s) [] []).
  set (V := back _ _ _ _ _ _); generalize (up_K V).
  generalize (lower_row _ _ a close (at_input_natural _ _ _ at_a)).
  unfold form, sum_of, times at 3; rewrite shiftl_K, !opp_IZR; cbn [map dot]; intros.
  generalize K_positive; intro; apply (Rmult_le_reg_r K); auto; nra.
Qed.

Lemma related_sound B x st a u q : inside B x -> at_input x st a -> near_unit u q ->
  bounded (sum_of a u) (related B st q).
Proof.
  intros within at_a close; generalize (upper_sound _ _ _ _ _ _ within at_a close).
  generalize (lower_sound _ _ _ _ _ _ within at_a close); intros; unfold related.
  destruct (upper B st q <=? 0); [cbn; repeat split; auto; lia |].
  destruct (0 <=? lower B st q); cbn [bounded]; repeat split; auto; unfold slope_bits; lia.
Qed.

Definition sign_holds (known : option bool) (z : R) : Prop :=
  match known with None => True | Some true => (0 <= z)%R | Some false => (z <= 0)%R end.

Lemma clip_sound known z e : sign_holds known z -> bounded z e -> bounded z (clip known e).
Proof.
  destruct e as [[[l u] slope] follows], known as [[] |]; cbn [sign_holds clip bounded]; auto;
    generalize K_positive; intros positive sign (range & Hu & Hl).
  - assert (0 <= z * K)%R by nra.
    split; [unfold slope_bits; lia | split; [exact Hu | right]].
    destruct (slope =? 0) eqn:E; [lra | apply Z.eqb_neq in E; apply max_IZR; tauto].
  - assert (z * K <= 0)%R by nra; split; [unfold slope_bits; lia | split; [| auto]].
    now apply min_IZR.
Qed.

Lemma all_related_sound B x st a (within : inside B x) (at_a : at_input x st a) us L :
  Forall2 near_unit us L -> forall known j,
  (forall k, sign_holds (known (j + k)%nat) (nth k (map (sum_of a) us) 0%R)) ->
  Forall2 bounded (map (sum_of a) us) (all_related B st known j L).
Proof.
  induction 1 as [| u q us L here _ IH]; intros known j signs; cbn [map all_related];
    constructor.
  - apply clip_sound; [| now apply related_sound with (x := x)].
    specialize (signs O); rewrite Nat.add_0_r in signs; exact signs.
  - apply IH; intro k; specialize (signs (S k)); cbn [map nth] in signs.
    now rewrite Nat.add_succ_r in signs.
Qed.

(** Layers from number i on, at the values of those before. *)
Definition signs_hold (phases : list phase) (N : network) (i : nat) (a : list R) : Prop :=
  forall j k L, nth_error N j = Some L ->
  sign_holds (sign phases (i + j) k) (nth k (before L (output (firstn j N) a)) 0%R).

Lemma near_length L Q a : near_layer L Q -> length Q = length (after L a).
Proof.
  intros [_ close]; unfold after, before; rewrite !map_length.
  symmetry; induction close; cbn; auto.
Qed.

Lemma stages_sound B x phases : inside B x -> forall N Q, Forall2 near_layer N Q ->
  forall i st a, at_input x st a -> chained (length a) Q = true -> signs_hold phases N i a ->
  let (st', m) := stages B phases i (length a) st Q in
  at_input x st' (output N a) /\ m = length (output N a).
Proof.
  intro within; induction 1 as [| L Q0 N Q here _ IH]; intros i st a at_a ok signs;
    cbn [stages output chained] in *; auto.
  apply andb_prop in ok as [wide ok]; rewrite (near_length L Q0 a here) in *.
  apply IH; auto.
  - apply at_next; auto; cbn [relations weights].
    apply all_related_sound with (x := x); auto; [apply here |].
    intro k; specialize (signs O k L eq_refl); now rewrite Nat.add_0_r in signs.
  - intros j k L' found; specialize (signs (S j) k L' found).
    now rewrite Nat.add_succ_r in signs.
Qed.

Lemma closed_sound B x st a m ks why : inside B x -> at_input x st a -> 0 <= t ->
  closed B st m ks why = true -> ~ Forall (holds x a) ks.
Proof.
  intros within at_a plus_t ok all_hold; unfold closed in ok.
  destruct (combined _ _ _ _) as [k |] eqn:made; [| discriminate].
  apply (combined_holds _ _ x a) in made as [_ k_holds]; auto.
  generalize (back_sound B x st a within at_a (map (up t) (of_outputs k))
    (up t (- Z.shiftl (least k) s)) (map (up t) (of_inputs k)) (pushes why)).
  set (V := back _ _ _ _ _ _) in *; unfold form; intro bound.
  generalize (up_times t (of_outputs k) a plus_t (at_input_natural _ _ _ at_a)).
  assert (natural_values x) as plus_x by (clear - at_a; induction at_a; auto).
  generalize (up_times t (of_inputs k) x plus_t plus_x).
  assert (0 < IZR (2 ^ t))%R as positive by (apply (IZR_lt 0), Z.pow_pos_nonneg; lia).
  generalize (up_bound t (- Z.shiftl (least k) s) plus_t); intro H; apply IZR_le in H.
  rewrite mult_IZR, opp_IZR, shiftl_K in H; generalize K_positive.
  unfold holds, form_of, times, refutes in *.
  set (T := IZR (2 ^ t)) in *; set (g := dot (map IZR (map (up t) (of_inputs k))) x) in *.
  set (r := dot (map IZR (map (up t) (of_outputs k))) a) in *.
  set (gx := dot (map IZR (of_inputs k)) x) in *; set (ra := dot (map IZR (of_outputs k)) a) in *.
  intros positive_K Hg Hr.
  assert (K * (gx + ra - IZR (least k)) <= T * IZR V)%R by nra.
  destruct (strict k).
  - apply Z.leb_le in ok; apply IZR_le in ok; nra.
  - apply Z.ltb_lt in ok; apply IZR_lt in ok; nra.
Qed.

Lemma all_closed_sound B x st a m : inside B x -> at_input x st a -> 0 <= t ->
  forall property whys, all_closed B st m property whys = true -> ~ unsafe property x a.
Proof.
  intros within at_a plus_t; induction property as [| ks property IH]; intros whys ok bad.
  - inversion bad.
  - destruct whys as [| why whys]; [discriminate |]; apply andb_prop in ok as [here ok].
    inversion bad as [? ? now_ | ? ? later]; subst.
    + exact (closed_sound B x st a m ks why within at_a plus_t here now_).
    + exact (IH whys ok later).
Qed.

Theorem check_tree_sound N Q property x :
  Forall2 near_layer N Q -> 0 <= t -> natural_values x ->
  forall (side_holds : phase -> Prop),
  (forall phases, Forall side_holds phases -> signs_hold phases N 0 x) ->
  (forall i j c, side_holds (side i j c false) \/ side_holds (side i j c true)) ->
  (forall B phases tr, elsewhere B phases tr = true -> inside B x -> Forall side_holds phases ->
    ~ unsafe property x (output N x)) ->
  forall tr B phases, chained (length B) Q = true -> inside B x -> Forall side_holds phases ->
  check_tree Q property B phases tr = true -> ~ unsafe property x (output N x).
Proof.
  intros close plus_t plus_x side_holds signs sides exactly.
  induction tr as [i v low IHl high IHh | i j c low IHl high IHh | tr _ | whys];
    intros B phases ok within known accepted; cbn [check_tree] in accepted.
  - apply andb_prop in accepted as [Hl Hh].
    destruct (Rle_dec (nth i x 0 * IZR (2 ^ s))%R (IZR v)) as [below | beyond].
    + apply (IHl (lower_high B i v) phases); rewrite ?lower_high_length; auto.
      now apply lower_high_in.
    + apply (IHh (raise_low B i v) phases); rewrite ?raise_low_length; auto.
      apply raise_low_in; auto; lra.
  - apply andb_prop in accepted as [Hl Hh].
    destruct (sides i j c) as [here | here];
      [apply (IHl B (side i j c false :: phases)) | apply (IHh B (side i j c true :: phases))]; auto.
  - exact (exactly B phases tr accepted within known).
  - unfold leaf in accepted.
    assert (length B = length x) as same by (clear - within; induction within; cbn; auto).
    rewrite same in *.
    generalize (stages_sound B x phases within N Q close 0 [] x (at_first x plus_x) ok
                  (signs phases known)).
    destruct (stages B phases 0 (length x) [] Q) as [st m]; intros [at_out _].
    exact (all_closed_sound B x st _ m within at_out plus_t property whys accepted).
Qed.

End Checker.
